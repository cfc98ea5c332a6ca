import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, test } from "node:test";

const src = join(import.meta.dirname, "../src");

/** Lowest first: a file imports from its own floor and from those before it in this list. */
const floors = [
  "http",
  "board",
  "config",
  "runtime",
  "data",
  "control",
  "library.ts",
  "cli",
  "main.ts",
] as const;

/** Who may name a runtime, a timer, the time or chance; everybody else is handed them. */
const edge = new Set(["runtime", "control", "library.ts", "cli", "main.ts"]);

const edgeOnly = /\b(Bun|Deno|process|setTimeout|setInterval|Date\.now|Math\.random|performance\.now)\b/;

/**
 * The steps of a request are strangers, but for these arrows: a room of `src/data` may import from the rooms behind it.
 * The files that lie in `src/data` itself put the steps together and may know them all.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  exchange: [],
  guard: ["exchange"],
  challenge: ["exchange"],
  limits: ["exchange", "challenge"],
  route: ["exchange", "balance", "transform"],
  balance: [],
  upstream: ["exchange", "balance"],
  forward: ["exchange", "balance", "upstream", "transform"],
  transform: ["exchange"],
  log: ["exchange"],
  trace: ["exchange"],
};

/** What rooms of `src/data` may import of the files beside them. */
const sharedByRooms = new Set(["data/snapshot.ts", "data/plane-event.ts", "data/deadlines.ts"]);

/** Names that say what kind of thing lies in a room, and not what it is for. */
const roomsWithoutSubject = /^(utils?|commons?|helpers?|types?|managers?|handlers?|misc|shared|lib)$/;

interface Source {
  /** Its path in `src`. */
  readonly file: string;
  /** Without comments and quoted texts. */
  readonly code: string;
  /** The files of `src` that it imports. */
  readonly imports: readonly string[];
}

const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map(readSource);

test("no file imports from a higher floor", () => {
  assert.deepEqual(
    importsThat(({ file }, target) => floorOf(target) > floorOf(file)),
    [],
  );
});

test("only the edge names a runtime, a timer, the time or chance", () => {
  const others = sources.filter(({ file }) => !edge.has(roomsOf(file)[0] as string));
  const named = others.flatMap(({ file, code }) => {
    const word = edgeOnly.exec(code)?.[0];
    return word === undefined ? [] : [`${file} says ${word}`];
  });
  assert.deepEqual(named, []);
});

describe("in the data plane", () => {
  test("every room stands in the table of arrows", () => {
    const rooms = new Set(sources.flatMap(({ file }) => stepOf(file) ?? []));
    assert.deepEqual([...rooms].toSorted(), Object.keys(arrows).toSorted());
  });

  test("a step knows only the steps that the table allows", () => {
    const strangers = importsThat(({ file }, target) => {
      const [from, to] = [stepOf(file), stepOf(target)];
      return from !== undefined && to !== undefined && from !== to && !arrows[from]?.includes(to);
    });
    assert.deepEqual(strangers, []);
  });

  test("no step knows how the steps are put together", () => {
    const upward = importsThat(({ file }, target) => {
      const isBeside = target.startsWith("data/") && stepOf(target) === undefined;
      return stepOf(file) !== undefined && isBeside && !sharedByRooms.has(target);
    });
    assert.deepEqual(upward, []);
  });

  test("the table allows nothing that nobody needs", () => {
    const used = new Set(
      sources.flatMap(({ file, imports }) => imports.map((to) => `${stepOf(file)} ${stepOf(to)}`)),
    );
    const unused = Object.entries(arrows).flatMap(([from, all]) =>
      all.filter((to) => !used.has(`${from} ${to}`)).map((to) => `${from} → ${to}`),
    );
    assert.deepEqual(unused, []);
  });

  test("only the room of routes knows Hono", () => {
    const others = sources.filter(({ file }) => file.startsWith("data/") && stepOf(file) !== "route");
    assert.deepEqual(
      others.map(({ file }) => file).filter((file) => /from "hono/.test(read(file))),
      [],
    );
  });
});

describe("names", () => {
  test("there is no barrel", () => {
    assert.deepEqual(
      sources.map(({ file }) => file).filter((file) => basename(file) === "index.ts"),
      [],
    );
  });

  test("files and rooms are written in kebab-case", () => {
    const isKebab = (name: string) => /^[a-z0-9]+(-[a-z0-9]+)*((\.d)?\.ts)?$/.test(name);
    assert.deepEqual(
      sources.map(({ file }) => file).filter((file) => !file.split("/").every(isKebab)),
      [],
    );
  });

  test("every room is named after its subject", () => {
    const isVague = (file: string) => roomsOf(file).some((room) => roomsWithoutSubject.test(room));
    assert.deepEqual(sources.map(({ file }) => file).filter(isVague), []);
  });

  test("nothing is exported without a name", () => {
    const nameless = sources.filter(({ code }) => /^export default\b|\bas default\b/m.test(code));
    assert.deepEqual(
      nameless.map(({ file }) => file),
      [],
    );
  });
});

function readSource(file: string): Source {
  const text = read(file);
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)].map(
    ([, path = ""]) => path,
  );
  return {
    file,
    code: text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"/g, ""),
    imports: specifiers.map((path) => relative(src, join(src, dirname(file), path))),
  };
}

function read(file: string): string {
  return readFileSync(join(src, file), "utf8");
}

/** `from → to` for every import that is so. */
function importsThat(isSo: (source: Source, target: string) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports.filter((target) => isSo(source, target)).map((target) => `${source.file} → ${target}`),
  );
}

function floorOf(file: string): number {
  const floor = (floors as readonly string[]).indexOf(roomsOf(file)[0] as string);
  assert.notEqual(floor, -1, `"${file}" stands on no floor`);
  return floor;
}

/** The rooms that lead to a file; a file that lies in none is its own. */
function roomsOf(file: string): string[] {
  const parts = file.split("/");
  return parts.length === 1 ? parts : parts.slice(0, -1);
}

/** The room of the data plane that a file lies in. */
function stepOf(file: string): string | undefined {
  const [floor, step] = roomsOf(file);
  return floor === "data" ? step : undefined;
}
