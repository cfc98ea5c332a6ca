import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parse } from "yaml";
import type { JsonSchema } from "@valibot/to-json-schema";
import { documentedKeys } from "./documented-keys.ts";
import { descriptions } from "../../src/config/descriptions.ts";
import { toConfigJsonSchema } from "../../src/config/json-schema.ts";

const schema = toConfigJsonSchema();
const reference = readFileSync(new URL("./fixtures/reference.yaml", import.meta.url), "utf8");

type Member = JsonSchema | boolean | undefined;

/** Whether a value is valid, by the few keywords that our schema uses. */
function isValid(value: unknown, by: Member): boolean {
  if (typeof by !== "object") return by !== false;
  const isMember = by.anyOf === undefined || by.anyOf.some((member) => isValid(value, member));
  return isMember && isOneOf(value, by) && isOfType(value, by);
}

function isOneOf(value: unknown, { const: only, enum: words }: JsonSchema): boolean {
  return (
    (only === undefined || only === value) && (words === undefined || words.some((word) => word === value))
  );
}

function isOfType(value: unknown, by: JsonSchema): boolean {
  const checks: Record<string, () => boolean> = {
    string: () =>
      typeof value === "string" &&
      new RegExp(by.pattern ?? "").test(value) &&
      value.length >= (by.minLength ?? 0),
    integer: () => Number.isInteger(value) && isInRange(value as number, by),
    number: () => typeof value === "number" && isInRange(value, by),
    boolean: () => typeof value === "boolean",
    array: () =>
      Array.isArray(value) &&
      value.length >= (by.minItems ?? 0) &&
      value.every((item) => isValid(item, by.items as Member)),
    object: () => isValidObject(value, by),
  };
  return by.type === undefined || checks[String(by.type)]!();
}

function isInRange(value: number, { minimum = -Infinity, maximum = Infinity }: JsonSchema): boolean {
  return value >= minimum && value <= maximum;
}

function isValidObject(value: unknown, by: JsonSchema): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const given = Object.entries(value);
  const isComplete = (by.required ?? []).every((key) => key in value);
  return (
    isComplete &&
    given.every(([key, inner]) => isValid(inner, by.properties?.[key] ?? by.additionalProperties))
  );
}

describe("the JSON Schema", () => {
  test("is a draft that editors know", () => {
    assert.equal(schema.$schema, "http://json-schema.org/draft-07/schema#");
    assert.equal(schema.title, "Headgate");
  });

  test("accepts the reference file", () => assert.ok(isValid(parse(reference), schema)));

  const wrong = {
    "an unknown key": { worker: 1 },
    "an unknown key deep inside": { upstreams: { app: { servers: [{ url: "http://a", wieght: 1 }] } } },
    "a word that is none of the known": { upstreams: { app: { balance: "fair" } } },
    "a duration without unit": { shutdown: { drain: "30" } },
    "a weight out of range": { upstreams: { app: { servers: [{ url: "http://a", weight: 257 }] } } },
    "a listener without bind": { listeners: { web: {} } },
    "a list where a block belongs": { limits: [] },
  };
  for (const [what, value] of Object.entries(wrong)) {
    test(`refuses ${what}`, () => assert.ok(!isValid(value, schema)));
  }

  test("lets a variable stand for any value", () => {
    const server = { url: "${URL}", weight: "${WEIGHT}", backup: "${BACKUP}" };
    const value = {
      workers: "${WORKERS}",
      shutdown: { drain: "${DRAIN:-30s}" },
      upstreams: { app: { balance: "${B}", servers: [server] } },
    };
    assert.ok(isValid(value, schema));
  });

  test("describes every key", () => {
    const silent = documentedKeys().filter(({ meaning }) => meaning === "");
    assert.deepEqual(silent, []);
  });

  test("has every key that is described", () => {
    const keys = new Set(documentedKeys().map(({ path }) => path));
    assert.deepEqual(
      Object.keys(descriptions).filter((path) => !keys.has(path)),
      [],
    );
  });
});
