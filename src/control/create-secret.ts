import { randomBytes } from "node:crypto";

/** Makes a secret of 256 bits. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Makes the two words that the tables of clients are hashed with: others at every start. */
export function createSeed(): readonly [number, number] {
  const bytes = randomBytes(8);
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}
