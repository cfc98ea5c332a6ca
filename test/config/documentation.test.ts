import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problem.ts";
import { documentedKeys, tableLine } from "./documented-keys.ts";

const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");

/** Keys of a route that mean the same as in the block of the same name stand on the page only there. */
const shared = /^routes\[\]\.(limits|compression|errorPages|timeouts)\./;

describe("the page on the configuration", () => {
  test("lists every key of the schema with its default and meaning, and no other", () => {
    const lines = page.split("\n").filter((line) => line.startsWith("| `"));
    const expected = documentedKeys().filter(({ path }) => !shared.test(path));
    assert.deepEqual(lines.toSorted(), expected.map(tableLine).toSorted());
  });

  const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);

  test("has examples", () => assert.ok(examples.length >= 8));

  for (const [index, text] of examples.entries()) {
    test(`has a valid example ${index + 1}`, () => {
      const loaded = loadConfig(text, { file: "example.yaml", env: {} });
      assert.deepEqual("problems" in loaded ? loaded.problems.map(describeProblem) : [], []);
    });
  }
});
