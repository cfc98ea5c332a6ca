import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { findStorage } from "../../config/find-storage.ts";
import { describeProblem, type Problem } from "../../config/problem.ts";
import { ConfigError } from "./config-error.ts";
import type { Log } from "../log.ts";
import { resolveFile } from "./named-files.ts";
import type { ConfigSource, ReadConfig, Reading } from "./read-config.ts";
import { Database } from "../storage/database.ts";
import { describeStorageFault } from "../storage/describe-fault.ts";
import { lastGoodFact, readFact } from "../storage/facts-table.ts";

/** What looking for an older configuration depends on. */
export interface LastGoodOptions {
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly read: (source: ConfigSource) => Promise<Reading>;
}

/** A configuration to start by. */
export interface FirstConfig {
  readonly read: ReadConfig;
  /** What is wrong with the file that should have been read; empty where it runs. */
  readonly refused: readonly Problem[];
}

/**
 * Reads a configuration's file, or, where that cannot run, the text of it that ran last, which storage has. Says so in
 * the log. Rejects where neither can run.
 */
export async function readOrRecall(file: string, options: LastGoodOptions): Promise<FirstConfig> {
  const { log, read } = options;
  const first = await attempt(() => read({ file }), file);
  if (!("problems" in first)) return { read: first, refused: [] };
  for (const problem of first.problems) log.error(describeProblem(problem));
  const { text, loadedAt } = await recall(resolve(file), options);
  const path = resolve(file);
  const older = await attempt(() => read({ file: path, text, directory: dirname(path) }), path);
  if ("problems" in older) throw new ConfigError(older.problems);
  log.error("the configuration cannot be used: the last one that ran goes on in its place", {
    config: path,
    since: new Date(loadedAt).toISOString(),
    hash: older.hash,
  });
  return { read: older, refused: first.problems };
}

/** What cannot be read is a problem of the file too. */
async function attempt(run: () => Promise<Reading>, file: string): Promise<Reading> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problems: [{ file, line: 0, column: 0, path: "", message }] };
  }
}

const lastGood = v.object({ path: v.string(), loadedAt: v.number(), text: v.string() });

type LastGood = v.InferOutput<typeof lastGood>;

async function recall(path: string, { env }: LastGoodOptions): Promise<LastGood> {
  const named = findStorage(await readFile(path, "utf8").catch(() => ""), env);
  if (named === false) throw refusalOf("storage is off, and nothing was kept");
  const storage = resolveFile(named ?? "headgate.db", dirname(path));
  if (!existsSync(storage)) throw refusalOf(`there is no "${storage}"`);
  const found = parse(readStored(storage));
  if (!found) throw refusalOf(`"${storage}" has none`);
  if (found.path !== path) throw refusalOf(`"${storage}" has one of another file, "${found.path}"`);
  return found;
}

function refusalOf(reason: string): Error {
  return new Error(`Cannot start by the last configuration that ran: ${reason}`);
}

function readStored(storage: string): string | undefined {
  try {
    const database = new Database(storage);
    const stored = readFact(database, lastGoodFact);
    database.close();
    return stored;
  } catch (error) {
    throw refusalOf(`"${storage}" cannot be read: ${describeStorageFault(error)}`);
  }
}

function parse(stored: string | undefined): LastGood | undefined {
  const read = v.safeParse(lastGood, JSON.parse(stored ?? "null"));
  return read.success ? read.output : undefined;
}
