import { closeSync, fstatSync, fsync, fsyncSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";

/** Bytes of the write-ahead log from which on it is moved: 256 pages with their heads. */
const LONG_BYTES = 256 * (4096 + 24);

const sync = promisify(fsync);

/**
 * Moves what SQLite wrote to its log into the file, without waiting for the disk in this thread.
 *
 * SQLite would do that by itself, in the middle of a write, and waits twice: until the disk has the log, and until it has
 * the file. Here the system's threads wait, and in between the pages are copied, which waits for nothing. The order is
 * SQLite's own: the file is written only when the disk has the log, and the log begins anew only when it has the file.
 *
 * Whoever writes promises to call `beforeWrite`. The descriptors stay open for as long as the database: to close one would
 * drop SQLite's locks on the file ("How To Corrupt An SQLite Database File", 2.2).
 */
export class LogMover {
  readonly #db: DatabaseSync;
  readonly #file: number;
  readonly #log: number;
  #writes = 0;
  /** Whether the file has pages that the disk may not have, while the log may begin anew with the next write. */
  #isUnsynced = false;
  #moving: Promise<void> | undefined;

  /** The database must have been written to, so that its log is there. */
  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#file = openSync(path, "r");
    this.#log = openSync(`${path}-wal`, "r");
  }

  /** Whether it is time to move it. */
  isLong(): boolean {
    return fstatSync(this.#log).size >= LONG_BYTES;
  }

  /** To be called before anything is written. Waits only where the disk has not the file yet. */
  beforeWrite(): void {
    this.#writes++;
    if (!this.#isUnsynced) return;
    fsyncSync(this.#file);
    this.#isUnsynced = false;
  }

  /** Moves the log where it is long. Rejects where the disk fails. */
  move(): Promise<void> {
    if (this.#moving || !this.isLong()) return this.#moving ?? Promise.resolve();
    this.#moving = this.#moveNow().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }

  /** To be called before the database is closed; what it gives, after that. */
  close(): () => void {
    this.beforeWrite();
    return () => {
      const close = (): void => {
        for (const descriptor of [this.#file, this.#log]) closeSync(descriptor);
      };
      if (this.#moving) void this.#moving.then(close, close);
      else close();
    };
  }

  /** Where something was written meanwhile, the disk has not all of the log: another time. */
  async #moveNow(): Promise<void> {
    const before = this.#writes;
    await sync(this.#log);
    if (this.#writes !== before) return;
    this.#db.exec("PRAGMA synchronous = OFF; PRAGMA wal_checkpoint(PASSIVE); PRAGMA synchronous = NORMAL");
    this.#isUnsynced = true;
    await sync(this.#file);
    if (this.#writes === before) this.#isUnsynced = false;
  }
}
