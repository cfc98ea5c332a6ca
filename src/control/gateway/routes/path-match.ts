import { isRegexSource } from "../../../config/pattern.ts";
import { parseTarget } from "../../../http/canonical-path.ts";
import type { PathMatch } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";

/** Which paths a match takes, in the words of the configuration, and how it stands among others. */
export interface PathConditions {
  readonly path: string;
  readonly pathRegex?: string;
  /** The prefix that requests have in common, without a slash at its end; undefined where the match is not by prefix. */
  readonly prefix: string | undefined;
  /** A whole path before a regular expression, that before a prefix. */
  readonly kindRank: number;
  /** Of two of a kind the longer comes first. */
  readonly length: number;
}

/** Translates the match of a path. Throws `Unsupported` where no path can match, or not as it says. */
export function translatePath({ type, value }: PathMatch): PathConditions {
  if (type === "RegularExpression") return byRegex(value);
  const path = canonical(value);
  if (type === "Exact") return { path: toPattern(path), prefix: undefined, kindRank: 2, length: path.length };
  if (type !== "PathPrefix")
    throw new Unsupported(`the path match type ${JSON.stringify(type)} is not known`);
  const prefix = path.replace(/\/$/, "");
  return { path: `${toPattern(prefix)}/*`, prefix, kindRank: 0, length: prefix.length };
}

/** The expression is for the whole path, as with the proxies that run on RE2. */
function byRegex(source: string): PathConditions {
  if (source === "" || !isRegexSource(source)) {
    throw new Unsupported(
      `the path ${JSON.stringify(source)} is no regular expression without lookarounds and back-references`,
    );
  }
  return {
    path: "/*",
    pathRegex: `^(?:${source})$`,
    prefix: undefined,
    kindRank: 1,
    length: source.length,
  };
}

/** The path as requests are matched: one spelling for all that mean the same. */
function canonical(value: string): string {
  const isPlain = value.startsWith("/") && !/\/\/|\/\.\.?(?:\/|$)|%2f|%5c|[?#\\]/i.test(value);
  const target = isPlain ? parseTarget(value) : undefined;
  if (target === undefined) {
    throw new Unsupported(
      `the path ${JSON.stringify(value)} is none that requests have: it starts with / and is without //, . and .. as segments, %2F, ? and #`,
    );
  }
  return target.matchPath;
}

/**
 * The path as a pattern that matches nothing else: a segment that Hono would read as a parameter or a wildcard becomes a
 * parameter with an expression, and so do those behind it, as one of Hono's routers takes the next segment for a part of that.
 */
function toPattern(path: string): string {
  const segments = path.split("/");
  const first = segments.findIndex((segment) => /[:*{}?]/.test(segment));
  if (first < 0) return path;
  return segments
    .map((segment, index) =>
      index < first || segment === "" ? segment : `:literal${index}{${spellOut(segment)}}`,
    )
    .join("/");
}

/** A regular expression of word characters and numbers only: Hono cuts patterns apart where it finds `:`, `*` and braces. */
function spellOut(segment: string): string {
  return segment.replaceAll(
    /\W/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
