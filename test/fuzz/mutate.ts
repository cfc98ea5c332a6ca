import { createSeededRandom } from "../../src/data/balance/simulate/seeded-random.ts";
import { PIECES, REQUESTS } from "./fragments.ts";

/** What one connection says, in the parts that it is written in. */
export interface FuzzCase {
  readonly number: number;
  readonly parts: readonly string[];
}

/** What texts are made of. */
export interface Material {
  /** Texts to begin with. */
  readonly whole: readonly string[];
  /** What is put in. */
  readonly pieces: readonly string[];
}

/** Makes the case of a number: the same for the same seed, whatever was made before. */
export function makeCase(seed: number, number: number): FuzzCase {
  const chance = createChance(seed, number);
  const material = { whole: REQUESTS, pieces: PIECES };
  const texts = Array.from({ length: 1 + chance.below(3) }, () => chance.pick(REQUESTS));
  return { number, parts: split(distort(texts.join(""), material, chance), chance) };
}

/** Makes one text of a number. */
export function makeText(seed: number, number: number, material: Material): string {
  const chance = createChance(seed, number);
  return distort(chance.pick(material.whole), material, chance);
}

interface Chance {
  readonly below: (count: number) => number;
  readonly pick: (all: readonly string[]) => string;
}

function createChance(seed: number, number: number): Chance {
  const random = createSeededRandom(seed * 1_000_003 + number);
  const below = (count: number): number => Math.floor(random() * count);
  return { below, pick: (all) => all[below(all.length)] ?? "" };
}

function distort(text: string, material: Material, chance: Chance): string {
  let changed = text;
  for (let changes = chance.below(5); changes > 0; changes--) changed = change(changed, material, chance);
  return changed;
}

function change(text: string, { pieces }: Material, { below, pick }: Chance): string {
  const at = below(text.length + 1);
  const end = Math.min(text.length, at + below(12));
  const lineEnd = text.indexOf("\r\n", at);
  switch (below(6)) {
    case 0:
      return text.slice(0, at) + pick(pieces) + text.slice(at);
    case 1:
      return text.slice(0, at) + pick(pieces) + text.slice(end);
    case 2:
      return text.slice(0, at) + text.slice(end);
    case 3: // a piece where it is likely to be read: at a line's end
      return lineEnd < 0 ? text + pick(pieces) : text.slice(0, lineEnd) + pick(pieces) + text.slice(lineEnd);
    case 4:
      return below(4) === 0 ? text.slice(0, at) : text + pick(pieces);
    default:
      return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
  }
}

function split(text: string, { below }: Chance): string[] {
  if (below(2) === 0) return [text];
  const at = below(text.length);
  return [text.slice(0, at), text.slice(at)];
}
