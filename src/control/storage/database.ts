import { DatabaseSync, type StatementSync } from "node:sqlite";
import { accessSync, closeSync, constants, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { LogMover } from "./log-mover.ts";
import { migrations } from "./migrations.ts";

/** Marks a SQLite file as ours ("HGAT"): another program's is never written to. */
const APPLICATION_ID = 0x48_47_41_54;

/** Pages of the write-ahead log from which on SQLite itself moves it, should the mover never find the time: 16 MiB. */
const CHECKPOINT_PAGES = 4096;

/** How a file is opened. */
export interface DatabaseOptions {
  /** The most that the file may grow to, pages of 4 KiB: for tests of a full disk. */
  readonly mostPages?: number;
}

/**
 * The file of what outlives a restart. Everything here throws where SQLite does.
 *
 * It belongs to this process alone for as long as it is open, so that two proxies never mix their numbers. What is written
 * is in the system's hands when `transact` returns, and outlives a kill; `sealed` is on the disk, and outlives a power cut.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #mover: LogMover | undefined;

  constructor(path: string, options: DatabaseOptions = {}) {
    preparePath(path);
    this.#db = new DatabaseSync(path);
    try {
      this.#prepare(options);
      if (path !== ":memory:") this.#mover = new LogMover(this.#db, path);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** A statement, prepared once. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs it all or none of it. */
  transact(run: () => void): void {
    this.#mover?.beforeWrite();
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      run();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Like `transact`, and waits until the disk has it. */
  sealed(run: () => void): void {
    this.#db.exec("PRAGMA synchronous = FULL");
    try {
      this.transact(run);
    } finally {
      this.#db.exec("PRAGMA synchronous = NORMAL");
    }
  }

  /** Whether so much was written that it is time to `settle`. */
  isUnsettled(): boolean {
    return this.#mover?.isLong() ?? false;
  }

  /** Moves what was written into the file, without waiting for the disk in this thread. Rejects where the disk fails. */
  settle(): Promise<void> {
    return this.#mover?.move() ?? Promise.resolve();
  }

  close(): void {
    this.#statements.clear();
    const closed = this.#mover?.close();
    this.#db.close();
    closed?.();
  }

  #prepare({ mostPages }: DatabaseOptions): void {
    this.#db.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE");
    this.#refuseForeign(); // before anything is written
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    this.#db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = 0`);
    this.#migrate();
    if (mostPages !== undefined) this.#db.exec(`PRAGMA max_page_count = ${mostPages}`);
  }

  #refuseForeign(): void {
    const tables = this.#number("SELECT count(*) AS value FROM sqlite_schema");
    const isOurs =
      this.#number("SELECT application_id AS value FROM pragma_application_id") === APPLICATION_ID;
    if (tables > 0 && !isOurs) throw new Error("it is the database of another program");
    const version = this.#version();
    if (version > migrations.length) {
      throw new Error(`it is of version ${version}, and this program knows ${migrations.length} at most`);
    }
  }

  #migrate(): void {
    const version = this.#version();
    this.transact(() => {
      for (const migration of migrations.slice(version)) this.#db.exec(migration);
      this.#db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
    });
  }

  #version(): number {
    return this.#number("SELECT user_version AS value FROM pragma_user_version");
  }

  #number(sql: string): number {
    return Number(this.#db.prepare(sql).get()?.["value"] ?? 0);
  }

  /** After a full disk or a fault of reading SQLite has rolled back by itself. */
  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // nothing was open any more
    }
  }
}

/**
 * A new file is for nobody else to read, since the secret of sticky cookies stands in it; an old one that may not be written
 * says so here, where SQLite would speak of the disk.
 */
function preparePath(path: string): void {
  if (path === ":memory:") return;
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  for (const place of [path, dirname(path)]) accessSync(place, constants.W_OK);
}
