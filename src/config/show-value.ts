import type { Path } from "./problem.ts";

/** Keys whose values are secrets, or may hold some: a header may carry a password. */
const secretKeys = new Set(["token", "secrets", "setHeader", "addHeader", "headers", "cookies", "query"]);

/** The value as an error message may show it: never a secret, never long. */
export function showValue(value: unknown, path: Path, variables: readonly string[]): string {
  if (variables.length > 0) return `the value of ${variables.map((name) => `\${${name}}`).join(" and ")}`;
  const shape = describeShape(value);
  if (shape !== undefined) return shape;
  if (isSecret(path)) return "this value";
  return typeof value === "string" ? quote(value) : (JSON.stringify(value) ?? "this value");
}

function describeShape(value: unknown): string | undefined {
  if (value === null || value === undefined) return "an empty value";
  if (Array.isArray(value)) return "this list";
  return typeof value === "object" ? "this block" : undefined;
}

function isSecret(path: Path): boolean {
  return path.some((part) => secretKeys.has(String(part)));
}

function quote(text: string): string {
  if (text.includes("@")) return "this text"; // it may be a URL with a password, however broken
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
