import { redactUserinfo } from "../log.ts";

const secretName = /token|secret|password|passwd|authorization|api-?key/i;

const cookieField = /^(set-)?cookie$/i;

/** A copy of a configuration in which secrets are `***`: by the name of their key, and the userinfo of URLs. */
export function redact(value: unknown): unknown {
  if (typeof value === "string") return redactUserinfo(value);
  if (Array.isArray(value)) return value.map(redact);
  return isBlock(value) ? redactBlock(value, "") : value;
}

function redactBlock(block: Block, parent: string): Block {
  const redacted = Object.entries(block).map(([name, value]) => {
    if (isSecret(name, parent) && isFilled(value)) return [name, "***"];
    return [name, isBlock(value) ? redactBlock(value, nameOf(name, parent)) : redact(value)];
  });
  return Object.fromEntries(redacted) as Block;
}

/** Collectors ask for keys in fields of many names. */
const tracingHeaders = "tracing.headers";

function nameOf(name: string, parent: string): string {
  return parent === "tracing" ? `${parent}.${name}` : name;
}

type Block = Readonly<Record<string, unknown>>;

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A cookie is a secret as a header field; elsewhere the word stands before a cookie's name. */
function isSecret(name: string, parent: string): boolean {
  if (parent === tracingHeaders) return true;
  return secretName.test(name) || (cookieField.test(name) && /header/i.test(parent));
}

function isFilled(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || Array.isArray(value);
}
