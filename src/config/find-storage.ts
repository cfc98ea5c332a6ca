import { parseDocument } from "yaml";
import { substitute } from "./environment.ts";
import type { Environment } from "./environment.ts";

/**
 * The file of the storage that a configuration names, even one that is not valid: as far as it can be read. Undefined
 * where it names none; false where it wants none.
 */
export function findStorage(text: string, env: Environment): string | false | undefined {
  const value: unknown = readKey(text, "storage");
  if (value === false || value === "off") return false;
  if (typeof value !== "string" || value === "") return undefined;
  const { text: name, faults } = substitute(value, env);
  return faults.length > 0 ? undefined : name;
}

function readKey(text: string, key: string): unknown {
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false });
  return document.has(key) ? document.get(key) : undefined;
}
