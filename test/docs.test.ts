import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadConfig } from "../src/config/load.ts";
import { describeProblem } from "../src/config/problem.ts";
import { runProgram } from "./kit/start-proxy.ts";
import type { Teardown } from "./kit/teardown.ts";

const root = join(import.meta.dirname, "..");

const manifest = readJson("package.json") as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const { tasks } = readJson("deno.json") as { readonly tasks: Readonly<Record<string, string>> };

const decisions = readdirSync(join(root, "docs/decisions"));

const documents = ["README.md", "bench/README.md", "docs", "docs/decisions"].flatMap(pagesIn);

const commandLines = documents.flatMap(({ text }) => fences(text, "sh").flatMap((code) => linesOf(code)));

describe("examples of configurations", () => {
  for (const { path, text } of documents) {
    for (const [index, example] of fences(text, "yaml").entries()) {
      test(`the example ${index + 1} of ${path} is valid`, () => {
        const loaded = loadConfig(example, { file: "example.yaml", env: {} });
        assert.deepEqual("problems" in loaded ? loaded.problems.map(describeProblem) : [], []);
      });
    }
  }
});

describe("command lines", () => {
  test("every headgate command exists, with its options", async (t) => {
    const known = new Map<string, string>();
    for (const words of commandLines.flatMap(programArguments)) {
      const [first = "", ...rest] = words;
      const command = first.startsWith("-") || first === "" ? "run" : first;
      if (!known.has(command)) known.set(command, await helpOf(command, t));
      const unknown = [first, ...rest].filter(
        (word) => /^--?[a-z]/i.test(word) && !isIn(word, known.get(command)),
      );
      assert.deepEqual(unknown, [], `headgate ${words.join(" ")}`);
    }
    assert.ok(known.size > 3);
  });

  test("every script and task exists", () => {
    const named = commandLines.flatMap((line) =>
      matchesOf(line, /(bun(?:@\S+)? run|deno task) ([\w:]+)(?=\s|$)/g),
    );
    const missing = named.filter(
      ([, how = "", name = ""]) => !(name in (how === "deno task" ? tasks : manifest.scripts)),
    );
    assert.deepEqual(
      missing.map(([line]) => line),
      [],
    );
  });

  test("the version of Bun is the one that the project is tried with", () => {
    const named = documents.flatMap(({ text }) =>
      matchesOf(text, /\bbun@([\d.]+\d)/g).map(([, version]) => version),
    );
    assert.ok(named.length > 1);
    assert.deepEqual([...new Set(named)], [manifest.devDependencies["bun"]]);
  });
});

test("what is imported from the library in examples is exported by it", async () => {
  const library = (await import("../src/library.ts")) as Record<string, unknown>;
  const code = documents.flatMap(({ text }) => fences(text, "ts"));
  const named = code
    .flatMap((text) => matchesOf(text, /import \{([^}]+)\} from "headgate"/g))
    .flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()));
  assert.ok(named.length > 1);
  assert.deepEqual(
    named.filter((name) => !(name in library)),
    [],
  );
});

describe("decisions", () => {
  test("every run-time package has a page", () => {
    const pages = Object.keys(manifest.dependencies).map((name) => `${name.replace(/^@.*\//, "")}.md`);
    const missing = pages.filter((page) => !decisions.some((file) => file.endsWith(page)));
    assert.deepEqual(missing, []);
  });

  test("every page names the test that keeps it", () => {
    const without = decisions.filter((file) => !/`test\/[^`]+\.ts`/.test(read(`docs/decisions/${file}`)));
    assert.deepEqual(without, []);
  });
});

interface Document {
  readonly path: string;
  readonly text: string;
}

/** The document itself, or those that lie in the folder. */
function pagesIn(path: string): Document[] {
  const isPage = path.endsWith(".md");
  const files = isPage ? [path] : readdirSync(join(root, path)).map((file) => `${path}/${file}`);
  return files.filter((file) => file.endsWith(".md")).map((file) => ({ path: file, text: read(file) }));
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function readJson(path: string): unknown {
  return JSON.parse(read(path));
}

/** What stands in the fenced blocks of a language. */
function fences(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, code = ""]) => code,
  );
}

function matchesOf(text: string, pattern: RegExp): RegExpExecArray[] {
  return Array.from(text.matchAll(pattern));
}

/** The lines of a shell example without prompts and comments. */
function linesOf(code: string): string[] {
  return code
    .split("\n")
    .map((line) => line.replace(/^\$ /, "").replace(/(^|\s)#.*/, ""))
    .filter((line) => line.trim() !== "");
}

/** What a line hands to our program, if it runs it, in any of its spellings; pipes and redirections left away. */
function programArguments(line: string): string[][] {
  const [, words] =
    /(?:^|\s)(?:headgate|dist\/headgate|bun run src\/main\.ts|deno task start)(\s[^|>&]*)?$/.exec(
      line.replace(/\s*[|>&].*$/, ""),
    ) ?? [undefined, undefined];
  if (words === undefined && !line.trim().endsWith("headgate")) return [];
  return [(words ?? "").split(/\s+/).filter((word) => word !== "")];
}

async function helpOf(command: string, t: Teardown): Promise<string> {
  const program = runProgram(t, [command, "--help"]);
  assert.equal(await program.exited, 0, `"${command}" is no command: ${program.logs()}`);
  return program.output();
}

function isIn(option: string, help = ""): boolean {
  return ["--help", "--version"].includes(option) || new RegExp(`(^|[\\s,[])${option}\\b`, "m").test(help);
}
