import { createHash } from "node:crypto";

/** What a challenge page asks for. */
export interface Puzzle {
  readonly token: string;
  readonly difficulty: number;
}

/** Reads the puzzle of a challenge page; throws where it is none. */
export function puzzleIn(page: string): Puzzle {
  const [, token, difficulty] = /data-token="([^"]+)" data-difficulty="(\d+)"/.exec(page) ?? [];
  if (token === undefined) throw new Error(`There is no challenge in: ${page}`);
  return { token, difficulty: Number(difficulty) };
}

/** Solves it as a browser would. */
export function solve({ token, difficulty }: Puzzle): string {
  for (let number = 0; ; number++) {
    const text = `${token}.${number.toString(36)}`;
    if (leadingZeroBits(text) >= difficulty) return text;
  }
}

/** A number that looks like a solution and is none. */
export function solveWrongly({ token, difficulty }: Puzzle): string {
  for (let number = 0; ; number++) {
    const text = `${token}.${number.toString(36)}`;
    if (leadingZeroBits(text) < difficulty) return text;
  }
}

/** Counted bit by bit, in another way than the program does. */
function leadingZeroBits(text: string): number {
  const bits = [...createHash("sha256").update(text).digest()].map((byte) =>
    byte.toString(2).padStart(8, "0"),
  );
  return bits.join("").indexOf("1");
}
