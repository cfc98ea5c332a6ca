/** What a route's path may be, for error messages. */
export const pathPatternAllowed =
  "a path pattern that starts with /, such as /images/*, /users/:id or /v:n{[0-9]+}";

/** Whether Hono can route by the pattern. */
export function isPathPattern(pattern: string): boolean {
  return /^\/[^\s?#]*\??$/.test(stripParameters(pattern)) && parametersOf(pattern).every(isParameter);
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
