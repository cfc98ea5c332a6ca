import { createBoard, openBoard } from "../board/board.ts";
import { parseBind } from "../config/bind.ts";
import type { Config } from "../config/config.ts";
import type { Host } from "../runtime/host.ts";
import { ConfigError } from "./config-error.ts";
import { Headgate } from "./headgate.ts";
import type { Log } from "./log.ts";
import { findBindFaults } from "./port-check.ts";
import { type ConfigSource, type ReadConfig, readConfig } from "./read-config.ts";
import { bindsOf, createSnapshot, Reloader } from "./reloader.ts";
import { createSecret } from "./create-secret.ts";
import { createServerRows } from "./server-rows.ts";
import { countWorkers, startCrew } from "./start-crew.ts";
import type { SpawnWorker } from "./worker-thread.ts";

/** What a start depends on. */
export interface StartOptions {
  readonly host: Host;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reload when the configuration's file, or one that it names, changes. */
  readonly watch?: boolean;
  /** Instead of what the configuration says. */
  readonly workerCount?: number;
  /** How threads are started, if not as real ones. */
  readonly spawn?: SpawnWorker;
}

/** Server rows of the board; memory is committed only where a row is used. */
const capacity = 16_384;

/**
 * Starts everything that a configuration wants: listeners, workers, admin.
 *
 * Rejects with a `ConfigError` where the configuration is wrong, and with a line for people where it cannot run here;
 * then nothing is left open.
 */
export async function start(source: ConfigSource, options: StartOptions): Promise<Headgate> {
  const { host, env } = options;
  const read = (from: ConfigSource) => readConfig(from, { env, lacks: host.lacks });
  const first = await read(source);
  if ("problems" in first) throw new ConfigError(first.problems);
  await provePortsFree(first.config);
  const { board, rows, reloader, crew } = await startPlanes(first, { ...options, read });
  const headgate = new Headgate({ ...options, source, board, rows, reloader, crew });
  await headgate.open();
  return headgate;
}

type PlaneStart = StartOptions & { readonly read: (source: ConfigSource) => ReturnType<typeof readConfig> };

async function startPlanes(first: ReadConfig, options: PlaneStart) {
  const { host, read } = options;
  const workerCount = options.workerCount ?? countWorkers(first.config.workers);
  const memory = createBoard({ capacity, workers: workerCount });
  const board = openBoard(memory, "control");
  const rows = createServerRows(board);
  const snapshot = createSnapshot(first, rows, { version: 1, stickySecret: createSecret() });
  rows.settle(first.config, host.time.now());
  const crew = await startCrew({ ...options, board: memory, snapshot, workerCount });
  const running = { read: first, snapshot, loadedAt: host.time.now() };
  return { board, rows, crew, reloader: new Reloader({ running, crew, rows, read, time: host.time }) };
}

async function provePortsFree(config: Config): Promise<void> {
  const admin = config.admin.bind === false ? undefined : parseBind(config.admin.bind);
  const wanted =
    admin === undefined ? bindsOf(config) : [...bindsOf(config), { owner: "admin", bind: admin }];
  const faults = await findBindFaults(wanted);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join("\n"));
}
