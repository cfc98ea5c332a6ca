import { createHash } from "node:crypto";

/** Whether the SHA-256 of a text begins with so many zero bits (at most 32): then somebody has worked for it. */
export function isProof(text: string, difficulty: number): boolean {
  return Math.clz32(createHash("sha256").update(text).digest().readUInt32BE(0)) >= difficulty;
}
