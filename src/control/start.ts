import { type Board, createBoard, openBoard } from "../board/board.ts";
import { parseBind } from "../config/bind.ts";
import type { Config } from "../config/config.ts";
import type { Problem } from "../config/problem.ts";
import type { Notify } from "../data/plane-event.ts";
import type { Host } from "../runtime/host.ts";
import { boardRowsFor } from "./servers/board-rows.ts";
import { ConfigError } from "./configuration/config-error.ts";
import { Discovery } from "./discovery/discovery.ts";
import { Headgate } from "./headgate.ts";
import type { Crew } from "./workers/crew.ts";
import { HealthSupervisor } from "./health/supervisor.ts";
import type { Remembered } from "./health/watched.ts";
import { type FirstConfig, type LastGoodOptions, readOrRecall } from "./configuration/last-good.ts";
import type { Log } from "./log.ts";
import { findBindFaults } from "./port-check.ts";
import { type ConfigSource, type ReadConfig, type Reading, readConfig } from "./configuration/read-config.ts";
import { bindsOf, createSnapshot, Reloader } from "./configuration/reloader.ts";
import { createSeed } from "./create-secret.ts";
import { createServerRows } from "./servers/server-rows.ts";
import { joinCluster } from "./open-cluster.ts";
import { Keeper } from "./storage/keeper.ts";
import { SpanExporter } from "./tracing/exporter.ts";
import { Storage } from "./storage/storage.ts";
import { countWorkers, type CrewOptions, startCrew } from "./workers/start-crew.ts";
import type { SpawnWorker } from "./workers/worker-thread.ts";

/** What a start depends on. */
export interface StartOptions {
  readonly host: Host;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Start by the configuration that ran last where the file cannot be used. */
  readonly lastGood?: boolean;
  /** Reload when the configuration's file, or one that it names, changes. */
  readonly watch?: boolean;
  /** Instead of what the configuration says. */
  readonly workerCount?: number;
  /** Instead of what the configuration says; ":memory:" = remember while it runs. */
  readonly storage?: string | false;
  /** Room for so many servers at least, though there are fewer now. */
  readonly leastRows?: number;
  /** How threads are started, if not as real ones. */
  readonly spawn?: SpawnWorker;
}

/**
 * Starts everything that a configuration wants: listeners, workers, admin.
 *
 * Rejects with a `ConfigError` where the configuration is wrong, and with a line for people where it cannot run here;
 * then nothing is left open.
 */
export async function start(source: ConfigSource, options: StartOptions): Promise<Headgate> {
  const { host, env } = options;
  const read = (from: ConfigSource) => readConfig(from, { env, lacks: host.lacks });
  const { read: first, refused } = await readFirst(source, { ...options, read });
  await provePortsFree(first.config);
  return startRead(first, { ...options, source, refused, read, startCrew });
}

async function readFirst(
  source: ConfigSource,
  options: LastGoodOptions & Pick<StartOptions, "lastGood">,
): Promise<FirstConfig> {
  if (options.lastGood && "file" in source) return readOrRecall(source.file, options);
  const read = await options.read(source);
  if ("problems" in read) throw new ConfigError(read.problems);
  return { read, refused: [] };
}

/** What a start depends on once the configuration is read. */
export interface ReadStartOptions extends StartOptions {
  readonly source: ConfigSource;
  /** What is wrong with the source where an older configuration runs. */
  readonly refused?: readonly Problem[];
  readonly read: (source: ConfigSource) => Promise<Reading>;
  readonly startCrew: (options: CrewOptions) => Promise<Crew>;
}

/** Clients that limits keep in mind at a time: some 3 MiB. */
const clients = 131_072;

/** Starts a configuration that is valid. */
export async function startRead(first: ReadConfig, options: ReadStartOptions): Promise<Headgate> {
  const { host, log } = options;
  const workerCount = options.workerCount ?? countWorkers(first.config.workers);
  const memory = createBoard(
    { capacity: Math.max(boardRowsFor(first.config), options.leastRows ?? 0), workers: workerCount, clients },
    createSeed(),
  );
  const board = openBoard(memory, "control");
  const discovery = new Discovery({ host, log, env: options.env, capacity: board.capacity });
  (await discovery.prepare(first.config)).keep();
  const { keeper, ...recalled } = await recall(first, { ...options, board, discovery });
  const { rows, health, snapshot, cluster } = recalled;
  const undo = () => {
    discovery.stop();
    void cluster?.stop();
    health.stop();
    keeper.close();
  };
  health.apply(snapshot); // before the first request: a drained server is drained from the start
  const crew = await options
    .startCrew({ ...options, ...recalled.ears, board: memory, snapshot, workerCount })
    .catch(after(undo));
  const running = { read: first, snapshot, loadedAt: host.time.now() };
  const reloader = new Reloader({ ...options, running, crew, rows, health, discovery });
  const parts = { ...options, ...recalled, board, memory, keeper, reloader, crew, discovery };
  const headgate = new Headgate(parts);
  await headgate.open().catch(after(undo));
  return headgate;
}

/** What is recalled is written to this board, and completed by what is found. */
interface RecallOptions extends Pick<ReadStartOptions, "host" | "log" | "storage"> {
  readonly board: Board;
  readonly discovery: Discovery;
}

/** Prepares the board and what decides about servers, as they stood when the proxy last ran. */
async function recall(first: ReadConfig, { host, log, storage: path, board, discovery }: RecallOptions) {
  const storage = new Storage({ path: path ?? first.config.storage, log });
  const keeper = new Keeper({ storage, board, time: host.time });
  const overrides = keeper.overrides();
  const rows = createServerRows(board, overrides);
  keeper.restoreBans();
  const { cluster, stickySecret } = await joinCluster(first, { host, log, board, keeper, overrides });
  const completed = { ...first, config: discovery.complete(first.config) };
  const snapshot = createSnapshot(completed, rows, { version: 1, stickySecret });
  rows.settle(snapshot.config, host.time.now());
  keeper.follow(snapshot);
  const remembered: Remembered = (server) => keeper.health(server);
  const health = new HealthSupervisor({ host, board, log, overrides, remembered });
  const exporter = new SpanExporter({ host, log });
  exporter.follow(first.config.tracing);
  const notify: Notify = (event) => health.hear(event);
  return {
    keeper,
    overrides,
    rows,
    snapshot,
    health,
    exporter,
    cluster,
    ears: { notify, takeSpans: exporter.take },
  };
}

/** Tidies up, and fails as before. */
function after(tidy: () => void): (error: unknown) => never {
  return (error) => {
    tidy();
    throw error;
  };
}

async function provePortsFree(config: Config): Promise<void> {
  const admin = config.admin.bind === false ? undefined : parseBind(config.admin.bind);
  const wanted =
    admin === undefined ? bindsOf(config) : [...bindsOf(config), { owner: "admin", bind: admin }];
  const faults = await findBindFaults(wanted);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join("\n"));
}
