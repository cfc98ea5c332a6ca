import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import { describeFileFault } from "../../control/configuration/named-files.ts";
import { hashText } from "../../data/balance/hash-text.ts";
import type { RecordedRequest } from "../../data/balance/simulate/workload.ts";

/** What an access log tells a simulation. */
export interface AccessRecord {
  /** In the order of their times, ms since 1970. */
  readonly requests: readonly RecordedRequest[];
  /** The times to the headers of every attempt that was answered, ms. */
  readonly samplesMs: readonly number[];
  /** The same by server. */
  readonly samplesByServer: ReadonlyMap<string, readonly number[]>;
}

/** Which lines count. */
export interface RecordFilter {
  /** Only requests for this upstream; undefined = for any. */
  readonly upstream: string | undefined;
  /** Clients are told apart by this field. */
  readonly key: "client" | "path";
}

/** More requests than this are not read: all of them are held in memory. */
export const mostRequests = 2_000_000;

/** Reads the JSON access log that Headgate wrote. Rejects where there is nothing in it to go by. */
export async function readAccessRecord(file: string, filter: RecordFilter): Promise<AccessRecord> {
  const record = { requests: [] as RecordedRequest[], samplesMs: [], samplesByServer: new Map() };
  await forEachLine(file, (line) => {
    if (record.requests.length < mostRequests) addLine(record, parseLine(line), filter);
  });
  if (record.requests.length < 2 || record.samplesMs.length === 0)
    throw new Error(describeEmpty(file, filter));
  record.requests.sort((a, b) => a.atMs - b.atMs); // lines stand in the order in which requests ended
  return record;
}

async function forEachLine(file: string, take: (line: string) => void): Promise<void> {
  const input = createReadStream(file, "utf8");
  const failed = new Promise<never>((_, reject) => void input.once("error", reject));
  try {
    await Promise.race([readLines(createInterface({ input, crlfDelay: Infinity }), take), failed]);
  } catch (error) {
    throw new Error(`Cannot read the access log "${file}": ${describeFileFault(error)}`, { cause: error });
  }
}

async function readLines(lines: AsyncIterable<string>, take: (line: string) => void): Promise<void> {
  for await (const line of lines) take(line);
}

interface Line {
  readonly time?: unknown;
  readonly client?: unknown;
  readonly path?: unknown;
  readonly upstream?: unknown;
  readonly attempts?: unknown;
}

interface AttemptLine {
  readonly server?: unknown;
  readonly outcome?: unknown;
  readonly ms?: unknown;
}

/** What is no JSON object says nothing: a log may hold other lines, and its last one may be cut off. */
function parseLine(text: string): Line {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

interface Collected {
  readonly requests: RecordedRequest[];
  readonly samplesMs: number[];
  readonly samplesByServer: Map<string, number[]>;
}

function addLine(record: Collected, line: Line, { upstream, key }: RecordFilter): void {
  const atMs = typeof line.time === "string" ? Date.parse(line.time) : Number.NaN;
  const isOurs = upstream === undefined || line.upstream === upstream;
  if (Number.isNaN(atMs) || !isOurs || !Array.isArray(line.attempts)) return;
  record.requests.push({ atMs, key: hashText(String(line[key])) });
  for (const attempt of line.attempts as readonly (AttemptLine | null)[]) addAttempt(record, attempt ?? {});
}

/** A number as outcome is the status of an answer; anything else is a failure, which says nothing about service. */
function addAttempt(record: Collected, { server, outcome, ms }: AttemptLine): void {
  if (typeof server !== "string" || typeof outcome !== "number" || typeof ms !== "number") return;
  record.samplesMs.push(ms);
  const own = record.samplesByServer.get(server);
  if (own === undefined) record.samplesByServer.set(server, [ms]);
  else own.push(ms);
}

function describeEmpty(file: string, { upstream }: RecordFilter): string {
  const which = upstream === undefined ? "" : ` for the upstream "${upstream}"`;
  return `Cannot simulate "${file}": it holds no two requests that servers answered${which}, as Headgate's JSON access log has them`;
}
