import { compileLinear } from "./linear-regex.ts";
import type { LinearRegex } from "./linear-regex.ts";

/** What a `/re/flags` or a plain text may be, for error messages. */
export const patternAllowed =
  "a text, or a regular expression as /re/ with the flags d g i m s u, without lookarounds and back-references";

/**
 * Reads `/re/flags` as a regular expression and anything else as itself.
 *
 * @throws {SyntaxError} when the text has the form of a regular expression and is none.
 */
export function parsePattern(text: string): LinearRegex | string {
  const [, source, flags = ""] = /^\/(.+)\/([a-zA-Z]*)$/s.exec(text) ?? [];
  return source === undefined ? text : compileLinear(source, flags);
}

/** Whether `parsePattern` takes the text. */
export function isPattern(text: string): boolean {
  return compiles(() => parsePattern(text));
}

/** Whether the text is the source of a regular expression, without slashes around it. */
export function isRegexSource(source: string): boolean {
  return compiles(() => compileLinear(source, ""));
}

function compiles(build: () => unknown): boolean {
  try {
    build();
    return true;
  } catch {
    return false;
  }
}
