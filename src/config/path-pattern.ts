import { parseTarget } from "../http/canonical-path.ts";

/** What a route's path may be, for error messages. */
export const pathPatternAllowed =
  "a path pattern that starts with /, such as /images/*, /users/:id or /v:n{[0-9]+}, spelled as a URL spells it (/caf%C3%A9)";

/** Whether Hono can route by the pattern, and some path can match it. */
export function isPathPattern(pattern: string): boolean {
  const plain = stripParameters(pattern);
  return (
    /^\/[^\s?#]*\??$/.test(plain) &&
    isCanonical(plain.replace(/\?$/, "")) &&
    parametersOf(pattern).every(isParameter)
  );
}

/** Paths are matched in their canonical form: a rule in any other spelling would never apply, and nobody would notice. */
function isCanonical(path: string): boolean {
  return parseTarget(path)?.matchPath === path;
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
