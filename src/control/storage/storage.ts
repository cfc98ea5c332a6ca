import type { Log } from "../log.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { describeStorageFault } from "./describe-fault.ts";

/** How it stands with what outlives a restart. */
export interface StorageStatus {
  /** The file's whole path; null where nothing is to be stored. */
  readonly path: string | null;
  /** failing = it goes on being tried; closed = the file could not be used at the start, and is left alone. */
  readonly state: "off" | "ok" | "failing" | "closed";
  readonly error: string | null;
}

/** What storage is opened with. */
export interface StorageOptions extends DatabaseOptions {
  /** false = store nothing. */
  readonly path: string | false;
  readonly log: Log;
}

/**
 * The database, where there is one that works: a fault of the disk costs what would have been stored, and never an answer.
 *
 * A file that cannot be read at the start is left alone until the next one: what we would write knows nothing of what
 * stands in it.
 */
export class Storage {
  readonly #options: StorageOptions;
  #database: Database | undefined;
  #status: StorageStatus;

  constructor(options: StorageOptions) {
    const { path } = options;
    this.#options = options;
    this.#status = { path: path === false ? null : path, state: "off", error: null };
    if (path !== false) this.#open(path);
  }

  get status(): StorageStatus {
    return this.#status;
  }

  /** Whether anything can be stored, or could if the disk were well. */
  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  /** Whether what is stored outlives a restart, while the disk is well. */
  get isKept(): boolean {
    return this.isOpen && this.#options.path !== ":memory:";
  }

  /** Does something with the database; undefined where that cannot be done, which the log tells when it begins. */
  use<T>(run: (database: Database) => T): T | undefined {
    if (this.#database === undefined) return undefined;
    try {
      return run(this.#database);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Runs a change; whether it was stored. */
  write(run: (database: Database) => void): boolean {
    return this.#change((database) => database.transact(() => run(database)));
  }

  /** Runs a change that must outlive even a power cut; whether it was stored. */
  seal(run: (database: Database) => void): boolean {
    return this.#change((database) => database.sealed(() => run(database)));
  }

  /** Whether so much was written that it is time to `settle`. */
  isUnsettled(): boolean {
    return this.use((database) => database.isUnsettled()) === true;
  }

  /** Moves what was written to where it stays, without waiting for the disk in this thread. */
  async settle(): Promise<void> {
    try {
      await this.#database?.settle();
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.use((database) => database.close());
    this.#database = undefined;
  }

  #change(run: (database: Database) => void): boolean {
    const isDone = this.use((database) => {
      run(database);
      this.#recover();
      return true;
    });
    return isDone === true;
  }

  #open(path: string): void {
    const { log } = this.#options;
    try {
      this.#database = new Database(path, this.#options);
      this.#status = { path, state: "ok", error: null };
    } catch (error) {
      const reason = describeStorageFault(error);
      this.#status = { path, state: "closed", error: reason };
      log.error("Cannot use the storage: nothing is kept until the next start", { path, reason });
    }
  }

  #fail(error: unknown): void {
    const reason = describeStorageFault(error);
    const { path, error: before } = this.#status;
    this.#status = { path, state: "failing", error: reason };
    if (before === reason) return;
    this.#options.log.error("Cannot store: what happens now may be lost at a restart", {
      path: path ?? "",
      reason,
    });
  }

  #recover(): void {
    if (this.#status.state !== "failing") return;
    this.#status = { ...this.#status, state: "ok", error: null };
    this.#options.log.info("storing again", { path: this.#status.path ?? "" });
  }
}
