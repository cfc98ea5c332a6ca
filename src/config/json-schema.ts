import { toJsonSchema } from "@valibot/to-json-schema";
import type { JsonSchema } from "@valibot/to-json-schema";
import { descriptions } from "./descriptions.ts";
import { configSchema } from "./schema.ts";

/** The configuration file as a JSON Schema (draft-07), for completion and checks in editors. */
export function toConfigJsonSchema(): JsonSchema {
  const schema = toJsonSchema(configSchema, { target: "draft-07", typeMode: "input", errorMode: "ignore" });
  return { title: "Headgate", description: "The configuration of a Headgate proxy.", ...adapt(schema, "") };
}

/** The description of a key, where a route's own blocks mean the same as those for all. */
export function describeKey(path: string): string | undefined {
  const shared = path
    .replace(/^routes\[\]\.(limits|compression|errorPages)\./, "$1.")
    .replace(/^routes\[\]\.timeouts\./, "upstreams.NAME.timeouts.");
  return descriptions[path] ?? descriptions[shared];
}

/** Adds descriptions, and lets `${NAME}` stand where a text of a certain form is asked for. */
function adapt(schema: JsonSchema, path: string): JsonSchema {
  const { properties, additionalProperties, items, anyOf } = schema;
  return {
    ...widenText(schema),
    ...(properties && { properties: adaptProperties(properties, path) }),
    ...(isSchema(additionalProperties) && {
      additionalProperties: adapt(additionalProperties, `${path}.NAME`),
    }),
    ...(isSchema(items) && { items: adapt(items, `${path}[]`) }),
    ...(anyOf && { anyOf: anyOf.filter(isSchema).map((member) => adapt(member, path)) }),
  };
}

function adaptProperties(
  properties: NonNullable<JsonSchema["properties"]>,
  path: string,
): Record<string, JsonSchema> {
  const entries = Object.entries(properties).map(([key, value]): [string, JsonSchema] => {
    const inner = path === "" ? key : `${path}.${key}`;
    const description = describeKey(inner);
    return [
      key,
      { ...(description !== undefined && { description }), ...(isSchema(value) ? adapt(value, inner) : {}) },
    ];
  });
  return Object.fromEntries(entries);
}

const variable = String.raw`\$\{`;

function widenText(schema: JsonSchema): JsonSchema {
  if (schema.pattern !== undefined) return { ...schema, pattern: `${schema.pattern}|${variable}` };
  if (schema.enum === undefined || schema.type !== "string") return schema;
  const { enum: words, type: _, ...rest } = schema;
  return { ...rest, anyOf: [{ enum: words }, { type: "string", pattern: variable }] };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
