import type { JsonSchema } from "@valibot/to-json-schema";
import { describeKey, toConfigJsonSchema } from "../../src/config/json-schema.ts";

/** A key of the configuration as the documentation shows it. */
export type DocumentedKey = { readonly path: string; readonly byDefault: string; readonly meaning: string };

/** Every key that the schema knows, once, in its order. */
export function documentedKeys(): DocumentedKey[] {
  const keys = [...keysIn(toConfigJsonSchema(), "")];
  return [...new Map(keys.map((key) => [key.path, key])).values()];
}

/** The line of a key in the tables of the documentation. */
export function tableLine({ path, byDefault, meaning }: DocumentedKey): string {
  return `| \`${path}\` | ${byDefault === "" ? "" : `\`${byDefault}\``} | ${meaning} |`;
}

type Member = JsonSchema | boolean | readonly (JsonSchema | boolean)[] | undefined;

function* keysIn(schema: Member, path: string): Generator<DocumentedKey> {
  if (!isSchema(schema)) return;
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const innerPath = path === "" ? key : `${path}.${key}`;
    yield { path: innerPath, byDefault: defaultOf(inner), meaning: describeKey(innerPath) ?? "" };
    yield* keysIn(inner, innerPath);
  }
  for (const member of schema.anyOf ?? []) yield* keysIn(member, path);
  yield* keysIn(schema.items, `${path}[]`);
  yield* keysIn(schema.additionalProperties, `${path}.NAME`);
}

function defaultOf(schema: Member): string {
  const value: unknown = isSchema(schema) ? schema.default : undefined;
  if (value === undefined || JSON.stringify(value) === "{}") return "";
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value).replaceAll(/","/g, '", "');
}

function isSchema(value: Member): value is JsonSchema {
  return typeof value === "object" && !Array.isArray(value);
}
