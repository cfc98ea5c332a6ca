import { RE2JS } from "re2js";

/** A regular expression that needs time in proportion to the text, whatever the expression and the text. */
export interface LinearRegex {
  /** Whether all matches are meant, not only the first. */
  readonly isGlobal: boolean;
  /** Whether the text holds a match. */
  test(text: string): boolean;
  /** Prepares to look for matches in a text. */
  search(text: string): LinearSearch;
}

/** Gives the first match that begins at `from` or behind it; what stands before still counts for `^` and `\b`. */
export type LinearSearch = (from: number) => LinearMatch | undefined;

/** Where a match stands, until the next is looked for. */
export interface LinearMatch {
  readonly start: number;
  readonly end: number;
  /** What a group took, by number or name; "" where it took no part, undefined where there is none. */
  group(which: number | string): string | undefined;
}

/**
 * Compiles the source of a JavaScript regular expression, for the flags d g i m s u.
 *
 * JavaScript's own engines try one way after the other, and for `(a+)+$` there are exponentially many; this one follows
 * all ways at once. So it knows neither lookarounds nor back-references, which cannot be done that way.
 *
 * @throws {SyntaxError} when it is none, or asks for what cannot be done in linear time.
 */
export function compileLinear(source: string, flags: string): LinearRegex {
  if (!/^[dgimsu]*$/.test(flags)) throw new SyntaxError(`Cannot use the flags "${flags}"`);
  const native = new RegExp(source, flags);
  if (/\\k</.test(source)) throw new SyntaxError("Cannot refer back to a group");
  const regex = compile(inlineFlags(native) + spellOut(RE2JS.translateRegExp(source), native.dotAll));
  return {
    isGlobal: native.global,
    test: (text) => regex.test(text),
    search: (text) => searchIn(text, regex),
  };
}

function searchIn(text: string, regex: RE2JS): LinearSearch {
  const matcher = regex.matcher(text);
  const count = matcher.groupCount();
  const names = regex.namedGroups();
  const group = (which: number | string): string | undefined => {
    const index = typeof which === "string" ? names[which] : which;
    return index === undefined || index > count ? undefined : (matcher.group(index) ?? "");
  };
  return (from) => {
    if (from > text.length || !matcher.find(from)) return undefined;
    return { start: matcher.start(), end: matcher.end(), group };
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new SyntaxError((error as Error).message, { cause: error });
  }
}

function inlineFlags({ ignoreCase, multiline, dotAll }: RegExp): string {
  const flags = `${ignoreCase ? "i" : ""}${multiline ? "m" : ""}${dotAll ? "s" : ""}`;
  return flags === "" ? "" : `(?${flags})`;
}

/** What JavaScript means by `\s`; the engine's own `\s` knows ASCII only. */
const space = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const noSpace = String.raw`\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;

/** Writes out what the two dialects mean differently: `\s`, `\S`, `.` and `[\b]`. */
function spellOut(source: string, isDotAll: boolean): string {
  let isInClass = false;
  return source.replaceAll(/\\[\s\S]|[.[\]]/g, (token) => {
    if (token === "[" && !isInClass) isInClass = true;
    else if (token === "]") isInClass = false;
    else return spellToken(token, { isInClass, isDotAll });
    return token;
  });
}

function spellToken(
  token: string,
  { isInClass, isDotAll }: { readonly isInClass: boolean; readonly isDotAll: boolean },
): string {
  if (isInClass) return inClass[token] ?? token;
  return token === "." && isDotAll ? token : (outsideClass[token] ?? token);
}

const inClass: Readonly<Record<string, string>> = {
  [String.raw`\s`]: space,
  [String.raw`\S`]: noSpace,
  [String.raw`\b`]: String.raw`\x08`,
  "[": String.raw`\[`,
};

const outsideClass: Readonly<Record<string, string>> = {
  [String.raw`\s`]: `[${space}]`,
  [String.raw`\S`]: `[${noSpace}]`,
  ".": String.raw`[^\n\r\x{2028}\x{2029}]`,
};
