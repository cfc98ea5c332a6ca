import { parseBind } from "../../config/bind.ts";
import type { Config } from "../../config/config.ts";
import { formatPath, type Problem } from "../../config/problem.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import { type HandOverOptions, handOver } from "../certificates/hand-over.ts";
import { readFreshCertificates } from "../certificates/read-fresh.ts";
import { describeChanges } from "./changes.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { HealthSupervisor } from "../health/supervisor.ts";
import type { FileFault } from "./named-files.ts";
import { findBindFaults, type WantedBind } from "../port-check.ts";
import type { ConfigSource, ReadConfig, Reading } from "./read-config.ts";
import type { ServerRows } from "../servers/server-rows.ts";

/** What a reload did, or why it did nothing. */
export type ReloadResult =
  | { readonly changes: readonly string[] }
  | { readonly problems: readonly Problem[] };

/** The configuration that runs. */
export interface RunningConfig {
  readonly read: ReadConfig;
  readonly snapshot: Snapshot;
  /** Wall clock, ms since 1970. */
  readonly loadedAt: number;
}

/** How reloads went that were asked for. */
export interface ReloadCounts {
  readonly succeeded: number;
  readonly failed: number;
  /** What is wrong with the configuration that was read last, at the start or since; empty where it runs. */
  readonly problems: readonly Problem[];
}

/** What became of certificates that were read anew: some may be taken while others are not. */
export interface RefreshResult {
  readonly changes: readonly string[];
  readonly problems: readonly Problem[];
}

/** What a reloader works with. */
export interface ReloaderOptions extends HandOverOptions {
  readonly running: RunningConfig;
  readonly rows: ServerRows;
  readonly health: HealthSupervisor;
  readonly discovery: Discovery;
  readonly read: (source: ConfigSource) => Promise<Reading>;
  /** What is wrong with the source where an older configuration runs. */
  readonly refused?: readonly Problem[];
}

/** Replaces the configuration that runs, all of it or nothing, one reload after the other. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #running: RunningConfig;
  #stickySecret: string;
  #counts: ReloadCounts;
  #last: Promise<unknown> = Promise.resolve();
  #handingOver: Promise<void> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#running = options.running;
    this.#counts = { succeeded: 0, failed: 0, problems: options.refused ?? [] };
    this.#stickySecret = options.running.snapshot.stickySecret;
  }

  get running(): RunningConfig {
    return this.#running;
  }

  /** How the reloads went so far. */
  get counts(): ReloadCounts {
    return this.#counts;
  }

  /** Reads the source and runs it. Never rejects: what goes wrong is among the problems, and then nothing has changed. */
  reload(source: ConfigSource): Promise<ReloadResult> {
    const turn = this.#last.then(() => this.#reloadNow(source));
    this.#last = turn;
    return turn.then((result) => this.#count(result));
  }

  /** Serves the certificates as their files are now; a pair that cannot be used stays as it was. Never rejects. */
  refreshCertificates(): Promise<RefreshResult> {
    const turn = this.#last.then(() => this.#refreshNow());
    this.#last = turn;
    return turn;
  }

  /** Runs with the servers that are found now, and says what that changes. Rejects where it cannot; then nothing has changed. */
  refreshServers(): Promise<readonly string[]> {
    const turn = this.#last.then(() => this.#refreshServersNow());
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Signs sticky cookies with another secret: the one that other nodes use. Rejects where it cannot; then nothing has changed. */
  replaceStickySecret(secret: string): Promise<void> {
    const turn = this.#last.then(() => this.#replaceSecretNow(secret));
    this.#last = turn.catch(() => {});
    return turn;
  }

  #count(result: ReloadResult): ReloadResult {
    const { succeeded, failed } = this.#counts;
    const isGood = "changes" in result;
    this.#counts = {
      succeeded: succeeded + Number(isGood),
      failed: failed + Number(!isGood),
      problems: isGood ? [] : result.problems,
    };
    return result;
  }

  async #refreshNow(): Promise<RefreshResult> {
    const { read } = this.#running;
    const fresh = await readFreshCertificates(read, this.#options.host.time.now());
    const toProblem = ({ path, message }: FileFault): Problem =>
      problemOf(read.path, formatPath(path), message);
    const problems = fresh.faults.map(toProblem);
    const next = { ...read, files: fresh.files, warnings: fresh.warnings.map(toProblem) };
    const changes = describeChanges(read, next);
    if (changes.length === 0) return { changes, problems };
    try {
      await this.#apply(next);
      return { changes, problems };
    } catch (error) {
      return { changes: [], problems: [...problems, problemOf(read.path, "", String(error))] };
    }
  }

  async #refreshServersNow(): Promise<readonly string[]> {
    const { read, snapshot } = this.#running;
    const { files } = read;
    const config = this.#options.discovery.complete(read.config);
    const changes = describeChanges(snapshot, { config, files });
    if (changes.length > 0) await this.#apply(read, this.#running.loadedAt);
    return changes;
  }

  async #replaceSecretNow(secret: string): Promise<void> {
    const before = this.#stickySecret;
    this.#stickySecret = secret;
    try {
      await this.#apply(this.#running.read, this.#running.loadedAt);
    } catch (error) {
      this.#stickySecret = before;
      throw error;
    }
  }

  async #reloadNow(source: ConfigSource): Promise<ReloadResult> {
    const file = "file" in source ? source.file : "";
    try {
      const reading = await this.#options.read(source);
      return "problems" in reading ? reading : await this.#run(reading, file);
    } catch (error) {
      return { problems: [problemOf(file, "", error instanceof Error ? error.message : String(error))] };
    }
  }

  async #run(read: ReadConfig, file: string): Promise<ReloadResult> {
    const changes = describeChanges(this.#running.read, read);
    if (changes.length === 0) return { changes };
    const faults = await findBindFaults(newBinds(this.#running.read.config, read.config));
    if (faults.length > 0) {
      return { problems: faults.map(({ owner, message }) => problemOf(file, `${owner}.bind`, message)) };
    }
    await this.#apply(read);
    return { changes };
  }

  async #apply(read: ReadConfig, loadedAt = this.#options.host.time.now()): Promise<void> {
    const { crew, rows, health, discovery, host } = this.#options;
    const prepared = await discovery.prepare(read.config);
    await this.#handingOver; // two at a time would be more listeners on a port than it can tell apart
    try {
      const snapshot = this.#snapshotOf(read);
      await crew.apply(snapshot);
      this.#running = { read, snapshot, loadedAt };
      health.apply(snapshot);
      prepared.keep();
    } catch (error) {
      prepared.drop();
      throw error;
    } finally {
      rows.settle(this.#running.snapshot.config, host.time.now());
      this.#handOver();
    }
  }

  #snapshotOf(read: ReadConfig): Snapshot {
    const { rows, discovery } = this.#options;
    const { version } = this.#running.snapshot;
    const stickySecret = this.#stickySecret;
    const completed = { ...read, config: discovery.complete(read.config) };
    return createSnapshot(completed, rows, { version: version + 1, stickySecret });
  }

  #handOver(): void {
    this.#handingOver = handOver(this.#options).catch((error: unknown) =>
      this.#options.log.error("cannot close replaced listeners", { reason: String(error) }),
    );
  }
}

/** Makes a snapshot of a configuration; new servers get rows. */
export function createSnapshot(
  read: ReadConfig,
  rows: ServerRows,
  rest: Pick<Snapshot, "version" | "stickySecret">,
): Snapshot {
  return {
    ...rest,
    config: read.config,
    rows: rows.assign(read.config),
    routes: rows.number(read.config),
    files: read.files,
  };
}

/** The addresses of a configuration's listeners. */
export function bindsOf({ listeners }: Config): WantedBind[] {
  return Object.entries(listeners).flatMap(([name, listener]) => {
    const bind = parseBind(listener.bind);
    return bind === undefined ? [] : [{ owner: `listeners.${name}`, bind }];
  });
}

function newBinds(before: Config, after: Config): WantedBind[] {
  const open = new Set(Object.values(before.listeners).map(({ bind }) => bind));
  return bindsOf(after).filter(
    ({ owner }) => !open.has(after.listeners[owner.slice("listeners.".length)]?.bind ?? ""),
  );
}

function problemOf(file: string, path: string, message: string): Problem {
  return { file, line: 0, column: 0, path, message };
}
