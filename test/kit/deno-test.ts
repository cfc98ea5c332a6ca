/**
 * `node:test` as Deno's tests see it (`deno.json`): each test of a group becomes one of its own, named after both.
 *
 * Deno 2.9.6 makes steps of them, and never runs what such a test has registered with `t.after`: servers, processes and
 * files of every test would stay until the whole file has ended, or for ever.
 */
import { test as denoTest } from "node:test";
import type { TestContext, TestOptions } from "node:test";

type Run = (t: TestContext) => unknown;
type Hook = () => unknown;

/** A group that is being read: what it is called, and what runs around its tests. */
interface Group {
  readonly name: string;
  readonly options: TestOptions;
  readonly before: Hook[];
  readonly after: Hook[];
  /** Tests in it that have not ended. */
  left: number;
  begun: Promise<void> | undefined;
}

/** The groups around what is being read, the outermost, the file itself, first. */
const groups: Group[] = [createGroup("", {})];

function createGroup(name: string, options: TestOptions): Group {
  return { name, options, before: [], after: [], left: 0, begun: undefined };
}

/** Reads a group; its tests run later, in the order in which they stand. */
export function describe(name: string, ...rest: readonly (TestOptions | Hook)[]): void {
  const [options, read] = split<Hook>(rest);
  groups.push(createGroup(name, options));
  try {
    read();
  } finally {
    groups.pop();
  }
}

/** Registers a test under the names of its groups. */
export function test(name: string, ...rest: readonly (TestOptions | Run)[]): void {
  const [options, run] = split<Run>(rest);
  const around = [...groups];
  for (const group of around) group.left++;
  const fullName = [...around.slice(1).map((group) => group.name), name].join(" > ");
  const merged = Object.assign({}, ...around.map((group) => group.options), options) as TestOptions;
  void denoTest(fullName, merged, async (t) => {
    try {
      for (const group of around) await (group.begun ??= runAll(group.before));
      await run(t);
    } finally {
      for (const group of around.toReversed()) if (--group.left === 0) await runAll(group.after);
    }
  });
}

/** Runs once, before the first test of the group or file. */
export function before(hook: Hook): void {
  groups.at(-1)?.before.push(hook);
}

/** Runs once, after the last test of the group or file. */
export function after(hook: Hook): void {
  groups.at(-1)?.after.push(hook);
}

function split<Body>(rest: readonly (TestOptions | Body)[]): [TestOptions, Body] {
  const [first, second] = rest;
  return (second === undefined ? [{}, first] : [first, second]) as [TestOptions, Body];
}

async function runAll(hooks: readonly Hook[]): Promise<void> {
  for (const hook of hooks) await hook();
}
