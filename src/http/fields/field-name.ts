import { memoise } from "../memoise.ts";

/** The lower-case form of a field's name; undefined where it is no token (RFC 9110, 5.1), as with a space before its colon. */
export function fieldNameOf(written: string): string | undefined {
  return known(written) ?? undefined;
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;
const known = memoise(512, (written): string | null => (token.test(written) ? written.toLowerCase() : null));
