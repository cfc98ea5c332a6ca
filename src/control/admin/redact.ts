import { redactUserinfo } from "../log.ts";

const secretName = /token|secret|password|passwd|authorization|api-?key|^(set-)?cookie$/i;

/** A sticky cookie's name stands under `cookie` too, and is no secret. */
const harmless = /^(sticky|cookies)$/;

/** A copy of a configuration in which secrets are `***`: by the name of their key, and the userinfo of URLs. */
export function redact(value: unknown): unknown {
  if (typeof value === "string") return redactUserinfo(value);
  if (Array.isArray(value)) return value.map(redact);
  return isBlock(value) ? redactBlock(value, "") : value;
}

function redactBlock(block: Block, parent: string): Block {
  const redacted = Object.entries(block).map(([name, value]) => {
    if (secretName.test(name) && !harmless.test(parent) && isFilled(value)) return [name, "***"];
    return [name, isBlock(value) ? redactBlock(value, name) : redact(value)];
  });
  return Object.fromEntries(redacted) as Block;
}

type Block = Readonly<Record<string, unknown>>;

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFilled(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || Array.isArray(value);
}
