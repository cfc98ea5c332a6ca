import { createHash, timingSafeEqual } from "node:crypto";

/** Whether an Authorization header bears the token; compared in constant time, so that it cannot be guessed bytewise. */
export function bearsToken(authorization: string | null, token: string): boolean {
  const [, given = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
