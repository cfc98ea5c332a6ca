import { createHash } from "node:crypto";
import type { Board } from "../../board/board.ts";
import { type ClientBan, listBans, restoreBan } from "../../data/limits/bans.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { Time } from "../../runtime/host.ts";
import { createSecret } from "../create-secret.ts";
import type { ServerHealth } from "../health/server-health.ts";
import { type Override, Overrides, type ServerName } from "../servers/overrides.ts";
import type { ReadConfig } from "../configuration/read-config.ts";
import { readBans, writeBans } from "./bans-table.ts";
import { lastGoodFact, readFact, writeFact } from "./facts-table.ts";
import { readOverrides, writeOverride } from "./overrides-table.ts";
import { Recorder } from "./recorder.ts";
import { type Point, stepMs, type Subject } from "./series-table.ts";
import { readHealth, type StoredServer, writeHealth } from "./servers-table.ts";
import type { Storage, StorageStatus } from "./storage.ts";
import type { StoredHealth } from "./stored.ts";

/** What a keeper works with. */
export interface KeeperOptions {
  readonly storage: Storage;
  readonly board: Board;
  readonly time: Time;
}

/** Points of a stretch of time, one a minute. */
export interface History {
  readonly stepMs: number;
  readonly points: readonly Point[];
}

/** Who knows what checks found of a server. */
export type KnowsHealth = (row: number) => ServerHealth | undefined;

/** Keeps what outlives a restart: writes it while it changes, and gives it back at the next start. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #recorder: Recorder;
  readonly #health = new Map<number, StoredHealth>();
  #snapshot: Snapshot | undefined;
  #bans = "";

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#recorder = new Recorder(options);
  }

  get status(): StorageStatus {
    return this.#options.storage.status;
  }

  /** What people said of servers. */
  overrides(): Overrides {
    const overrides = new Overrides();
    const stored = this.#options.storage.use(readOverrides) ?? [];
    for (const { name, override } of stored) overrides.set(name, override);
    return overrides;
  }

  /** Writes what a person said of a server to the disk; false where it does not outlive a restart. */
  keepOverride(name: ServerName, override: Override | undefined): boolean {
    const { storage } = this.#options;
    return storage.seal((database) => writeOverride(database, name, override)) && storage.isKept;
  }

  /** The secret of sticky cookies: the stored one, or one that is stored from now on. */
  stickySecret(): string {
    const { storage } = this.#options;
    const stored = storage.use((database) => readFact(database, "sticky-secret"));
    if (stored !== undefined) return stored;
    const secret = createSecret();
    this.keepStickySecret(secret);
    return secret;
  }

  /** Stores another secret of sticky cookies: the one that the nodes of a cluster agreed on. */
  keepStickySecret(secret: string): void {
    this.#options.storage.seal((database) => writeFact(database, "sticky-secret", secret));
  }

  /** What was known of the age of people's words among the nodes of a cluster; undefined where nothing was. */
  orderMarks(): string | undefined {
    return this.#options.storage.use((database) => readFact(database, "order-marks"));
  }

  /** Stores it. */
  keepOrderMarks(marks: string): void {
    this.#options.storage.seal((database) => writeFact(database, "order-marks", marks));
  }

  /** What checks found of a server before. */
  health(server: StoredServer): StoredHealth | undefined {
    const { storage, time } = this.#options;
    return storage.use((database) => readHealth(database, server, time.now()));
  }

  /** Puts the stored bans in force. */
  restoreBans(): void {
    const { storage, board, time } = this.#options;
    for (const ban of storage.use(readBans) ?? []) restoreBan(board, ban, time.now());
    this.#bans = fingerprint(listBans(board, time.now()));
  }

  /** Writes the bans in force to the disk, where they have changed: to be called when one was lifted. */
  sealBans(): void {
    this.#keepBans((run) => this.#options.storage.seal(run));
  }

  /** Keeps the numbers of this snapshot's servers from now on; those that are new count on from what is stored. */
  follow(snapshot: Snapshot): void {
    this.#recorder.follow(snapshot);
    this.#snapshot = snapshot;
    this.#health.clear();
  }

  /** Writes down a configuration that runs. */
  keepConfig({ path, hash, text }: Pick<ReadConfig, "path" | "hash" | "text">, loadedAt: number): void {
    const fact = JSON.stringify({ path, hash, loadedAt, text });
    this.#options.storage.write((database) => writeFact(database, lastGoodFact, fact));
  }

  /** To be called every second. */
  tick(nowMs: number, healthOf: KnowsHealth): void {
    if (!this.#options.storage.isOpen) return;
    this.#recorder.tick(nowMs);
    void this.#options.storage.settle();
    this.#keepHealth(healthOf);
    this.#keepBans((run) => this.#options.storage.write(run));
  }

  /** The points of the last minutes, the running one included; undefined for what nothing is known of. */
  history(subject: Subject, minutes: number): History | undefined {
    const nowMs = this.#options.time.now();
    const fromMs = (Math.floor(nowMs / stepMs) - minutes + 1) * stepMs;
    const points = this.#recorder.history(subject, fromMs, nowMs);
    return points && { stepMs, points };
  }

  /** Writes all that is left, and closes the file. */
  close(healthOf: KnowsHealth = () => undefined): void {
    if (!this.#options.storage.isOpen) return;
    this.#keepHealth(healthOf);
    this.#keepBans((run) => this.#options.storage.write(run));
    this.#recorder.finish();
    this.#options.storage.close();
  }

  #keepBans(write: Storage["write"]): void {
    const { board, time } = this.#options;
    const bans = listBans(board, time.now());
    const print = fingerprint(bans);
    if (print === this.#bans) return;
    if (write((database) => writeBans(database, bans))) this.#bans = print;
  }

  #keepHealth(healthOf: KnowsHealth): void {
    const { storage, time } = this.#options;
    const changed = this.#serversWithHealth(healthOf).filter(({ row, health }) => {
      const kept = this.#health.get(row);
      return kept?.active !== health.active || kept.passive !== health.passive;
    });
    if (changed.length === 0) return;
    const isStored = storage.write((database) => {
      for (const { server, health } of changed) writeHealth(database, server, { health, nowMs: time.now() });
    });
    if (isStored) for (const { row, health } of changed) this.#health.set(row, health);
  }

  #serversWithHealth(
    healthOf: KnowsHealth,
  ): { readonly row: number; readonly server: StoredServer; readonly health: ServerHealth }[] {
    const { config, rows = {} } = this.#snapshot ?? {};
    return Object.entries(config?.upstreams ?? {}).flatMap(([upstream, { servers }]) =>
      servers.flatMap(({ name, url }) => {
        const row = rows[upstream]?.[name] ?? 0;
        const health = healthOf(row);
        return health ? [{ row, server: { upstream, server: name, url }, health }] : [];
      }),
    );
  }
}

/** To the second: the board gives the ends of bans a little differently each time. */
function fingerprint(bans: readonly ClientBan[]): string {
  const told = bans.map(({ client, until }) => `${client} ${Math.round(until / 1000)}`);
  return createHash("sha256").update(told.toSorted().join("\n")).digest("hex");
}
