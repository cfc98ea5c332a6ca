import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

const map = "docs/architecture.md";

for (const document of documents()) {
  test(`every path that ${document} names exists`, () => {
    const missing = pathsIn(read(document)).filter((path) => !existsSync(join(root, path)));
    assert.deepEqual(missing, []);
  });

  test(`every page that ${document} links to exists`, () => {
    const folder = join(root, document, "..");
    const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
    assert.deepEqual(
      links.filter((link) => !existsSync(join(folder, link))),
      [],
    );
  });
}

test("the map names every room of src", () => {
  const named = new Set(pathsIn(read(map)));
  const rooms = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  assert.deepEqual(
    rooms.filter((room) => !named.has(room)),
    [],
  );
});

test("the map names every file that stands outside the rooms", () => {
  const named = new Set(pathsIn(read(map)));
  const alone = readdirSync(join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `src/${entry.name}`);
  assert.deepEqual(
    alone.filter((file) => !named.has(file)),
    [],
  );
});

test("the map tells the steps in the order of the code", () => {
  const life = read("src/data/life-of-a-request.ts");
  const steps = ["receive", "guard", "route"];
  const inCode = steps.map((step) => life.search(new RegExp(`(=|await) (pipeline\\.)?${step}r?\\(`)));
  const inMap = steps.map((step) => read(map).search(new RegExp(`^\\| ${step} +\\|`, "m")));
  assert.ok(isRising(inCode), `in the code they stand at ${inCode.join(", ")}`);
  assert.ok(isRising(inMap), `on the map they stand at ${inMap.join(", ")}`);
});

/** Every document of the project, by its path. */
function documents(): string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const pages = inDocs.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`);
  return ["README.md", "CHANGELOG.md", "bench/README.md", ...pages];
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** What stands in backticks and begins with a folder of ours. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`((?:src|test|bench|docs|deploy|\.ci)\/[\w./-]+?)\/?`/g)].map(
    ([, path = ""]) => path,
  );
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => number >= 0 && number > (numbers[at - 1] ?? -1));
}
