import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { createBoard, openBoard } from "../../src/board/board.ts";
import type { Board } from "../../src/board/board.ts";
import type { RowReading } from "../../src/board/reading.ts";
import { readConfig } from "../../src/control/configuration/read-config.ts";
import { createSnapshot } from "../../src/control/configuration/reloader.ts";
import { createServerRows } from "../../src/control/servers/server-rows.ts";
import { startPlane } from "../../src/data/plane.ts";
import type { Plane } from "../../src/data/plane.ts";
import type { TakeSpans } from "../../src/data/trace/span-batch.ts";
import { host } from "../../src/runtime/current.ts";
import type { Host } from "../../src/runtime/host.ts";
import { eventually } from "./eventually.ts";
import type { Teardown } from "./teardown.ts";

/** A data plane that runs in this process until the test ends: up in milliseconds. */
export interface TestPlane {
  readonly plane: Plane;
  readonly board: Board;
  /** Of the first listener, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Of every listener, by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** What the board says of a server; default: the first. */
  readonly counts: (server?: string) => RowReading;
  /** The access log's lines so far, parsed where they are JSON. */
  readonly lines: () => Promise<readonly LogLine[]>;
  /** The access log as it stands in its file. */
  readonly logText: () => Promise<string>;
  /** Waits until so many exchanges were logged and nothing is under way; gives their lines. */
  readonly settled: (exchanges?: number) => Promise<readonly LogLine[]>;
  /** Faults of our own that were reported: a healthy plane has none. */
  readonly faults: readonly string[];
}

/** One exchange in the JSON access log; only what tests look at. */
export interface LogLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly route?: string;
  readonly client: string;
  readonly attempts?: readonly { readonly server: string; readonly outcome: number | string }[];
  readonly error?: string;
  readonly broken?: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
}

/** How a plane is started. */
export interface TestPlaneOptions {
  /** Replaces parts of the runtime, such as time. */
  readonly host?: Partial<Host>;
  /** Takes what is traced. */
  readonly takeSpans?: TakeSpans;
}

const quiet = { listeners: { web: { bind: "127.0.0.1:0" } }, admin: { bind: false }, storage: false };

/** Clients and servers share the plane's thread here, and a loaded machine would make it look overloaded. */
const unhurried = { shed: { enabled: false } };

/**
 * Starts a data plane for a configuration, as `headgate run` would with one worker, but without a process of its own.
 * Unless it says otherwise, nothing is shed, and there is one listener `web` on a free port of 127.0.0.1.
 */
export async function startPlaneFor(
  t: Teardown,
  config: Readonly<Record<string, unknown>>,
  options: TestPlaneOptions = {},
): Promise<TestPlane> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-plane-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const logFile = join(directory, "access.log");
  const limits = { ...unhurried, ...(config["limits"] as object | undefined) };
  const text = JSON.stringify({ ...quiet, accessLog: { output: logFile }, ...config, limits });
  const runtime = { ...host, ...options.host };
  const source = { file: join(directory, "config.yaml"), text };
  const read = await readConfig(source, { env: process.env, lacks: host.lacks });
  if ("problems" in read)
    throw new Error(read.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  const memory = createBoard({ capacity: 64, workers: 1 });
  const board = openBoard(memory, "control");
  const rows = createServerRows(board);
  const snapshot = createSnapshot(read, rows, { version: 1, stickySecret: "a secret of the tests" });
  rows.settle(read.config, runtime.time.now());
  const faults: string[] = [];
  const plane = await startPlane({
    host: runtime,
    board: memory,
    workerIndex: 0,
    isShared: false,
    snapshot,
    ports: {},
    report: (message) => void faults.push(message),
    takeSpans: options.takeSpans ?? (() => {}),
  });
  t.after(() => plane.close());
  const ports = Object.fromEntries(plane.addresses.map(({ name, port }) => [name, port]));
  const port = plane.addresses[0]?.port ?? 0;
  const [firstRows = {}] = Object.values(snapshot.rows);
  const logText = (): Promise<string> => readFile(logFile, "utf8");
  const lines = async (): Promise<LogLine[]> => parseLines(await logText());
  return {
    plane,
    board,
    url: `http://127.0.0.1:${port}`,
    port,
    ports,
    counts: (server) => board.readRow(firstRows[server ?? Object.keys(firstRows)[0] ?? ""] ?? 0, Date.now()),
    lines,
    logText,
    settled: (exchanges = 1) =>
      eventually(async () => {
        const found = await lines();
        return board.exchanges() === 0 && found.length >= exchanges && found;
      }),
    faults,
  };
}

function parseLines(text: string): LogLine[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}
