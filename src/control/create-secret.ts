import { randomBytes } from "node:crypto";

/** Makes a secret of 256 bits. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}
