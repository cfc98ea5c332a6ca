import { parseTarget } from "../http/canonical-path.ts";

/** What a route's path may be, for error messages. */
export const pathPatternAllowed =
  "a path pattern that starts with /, such as /images/*, /users/:id or /v/:n{[0-9]+}, spelled as a URL spells it (/caf%C3%A9); a parameter is a whole part of the path, and the part behind one with {…} is plain";

/** Whether Hono can route by the pattern, and some path can match it. */
export function isPathPattern(pattern: string): boolean {
  const plain = stripParameters(pattern);
  return (
    /^\/[^\s?#]*\??$/.test(plain) &&
    isCanonical(plain.replace(/\?$/, "")) &&
    parametersOf(pattern).every(isParameter) &&
    partsOf(pattern).every(isMatched)
  );
}

/** Paths are matched in their canonical form: a rule in any other spelling would never apply, and nobody would notice. */
function isCanonical(path: string): boolean {
  return parseTarget(path)?.matchPath === path;
}

/** Hono takes a parameter that is not a whole part for plain text, and the part behind one with braces for an expression. */
function isMatched(part: string, index: number, parts: readonly string[]): boolean {
  const isParameterWhole = part.startsWith(":") ? wholeParameter.test(part) : !part.includes("{");
  const isBehindBraces = parts[index - 1]?.includes("{") === true;
  return isParameterWhole && !(isBehindBraces && part !== "*" && /[()[\]*+$^|?]/.test(part));
}

const wholeParameter = /^:\w+(?:\{(?:[^{}]|\{[^{}]*\})*\})?\??$/;

/** What stands between the slashes; those in braces are no slashes. */
function partsOf(pattern: string): readonly string[] {
  return pattern.match(/(?:\{(?:[^{}]|\{[^{}]*\})*\}|[^/])+/g) ?? [];
}

const parameter = /:(\w+)(\{(?:[^{}]|\{[^{}]*\})*\})?\??/g;

function stripParameters(pattern: string): string {
  return pattern.replaceAll(parameter, "x");
}

function parametersOf(pattern: string): string[] {
  return [...pattern.matchAll(parameter)].map(([, , braces = ""]) => braces.slice(1, -1));
}

function isParameter(source: string): boolean {
  try {
    return new RegExp(`^(?:${source})$`) instanceof RegExp;
  } catch {
    return false;
  }
}
