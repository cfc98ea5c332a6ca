import { parsePattern } from "../../config/pattern.ts";

/** Whether a text is what a condition asks for. */
export type Matcher = (text: string | undefined) => boolean;

/** Reads a condition: equals, `/re/` = matches, `*` = is present. */
export function createMatcher(condition: string): Matcher {
  if (condition === "*") return (text) => text !== undefined;
  const pattern = parsePattern(condition);
  if (typeof pattern === "string") return (text) => text === pattern;
  return (text) => text !== undefined && pattern.test(text);
}
