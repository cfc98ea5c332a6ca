import { createSeededRandom } from "../../src/data/balance/simulate/seeded-random.ts";
import { PIECES, REQUESTS } from "./fragments.ts";

/** What one connection says, in the parts that it is written in. */
export interface FuzzCase {
  readonly number: number;
  readonly parts: readonly string[];
}

/** Makes the case of a number: the same for the same seed, whatever was made before. */
export function makeCase(seed: number, number: number): FuzzCase {
  const random = createSeededRandom(seed * 1_000_003 + number);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = (all: readonly string[]): string => all[below(all.length)] ?? "";
  let text = Array.from({ length: 1 + below(3) }, () => pick(REQUESTS)).join("");
  for (let changes = below(5); changes > 0; changes--) text = change(text, { below, pick });
  return { number, parts: split(text, below) };
}

interface Chance {
  readonly below: (count: number) => number;
  readonly pick: (all: readonly string[]) => string;
}

function change(text: string, { below, pick }: Chance): string {
  const at = below(text.length + 1);
  const end = Math.min(text.length, at + below(12));
  const lineEnd = text.indexOf("\r\n", at);
  switch (below(5)) {
    case 0:
      return text.slice(0, at) + pick(PIECES) + text.slice(at);
    case 1:
      return text.slice(0, at) + pick(PIECES) + text.slice(end);
    case 2:
      return text.slice(0, at) + text.slice(end);
    case 3: // a piece where it is likely to be read: at a line's end
      return lineEnd < 0 ? text + pick(PIECES) : text.slice(0, lineEnd) + pick(PIECES) + text.slice(lineEnd);
    default:
      return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
  }
}

function split(text: string, below: Chance["below"]): string[] {
  if (below(2) === 0) return [text];
  const at = below(text.length);
  return [text.slice(0, at), text.slice(at)];
}
