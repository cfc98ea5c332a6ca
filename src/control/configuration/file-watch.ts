import { type FSWatcher, watch } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

import type { Time, Timer } from "../../runtime/host.ts";

/** What is watched and how. */
export interface FileWatchOptions {
  /** The files to watch; asked anew after each change, as a changed configuration may name others. */
  readonly files: () => readonly string[];
  readonly changed: () => Promise<void>;
  readonly time: Time;
  /** A file that cannot be watched. */
  readonly failed: (directory: string, error: unknown) => void;
}

/** A watch that can be ended. */
export interface FileWatch {
  /** Asks anew which files to watch. */
  renew(): Promise<void>;
  close(): void;
}

/** An editor writes in several steps; this long, in ms, after the last of them the files are looked at. */
const settleMs = 100;

/** A log that is written in the same directory never lets it come to rest: after this time, in ms, they are anyway. */
const longestSettleMs = 1_000;

/**
 * Calls `changed` when any of the files has another content than before.
 *
 * The directories are watched, not the files: an editor replaces a file by renaming another onto it, and Kubernetes
 * swaps a symbolic link beside it, and a watch on the file itself would stay with the old one.
 */
export async function watchFiles(options: FileWatchOptions): Promise<FileWatch> {
  const watching = new Watching(options);
  await watching.renew();
  return watching;
}

class Watching implements FileWatch {
  readonly #options: FileWatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #prints = new Map<string, string>();
  #settling: Timer | undefined;
  /** When the first of the touches came that were not looked into yet. */
  #touchedAt: number | undefined;
  #isClosed = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Watches what there is to watch now, and notes how new files look. */
  async renew(): Promise<void> {
    await this.#watchDirectories();
    await this.#takePrints((file) => !this.#prints.has(file));
  }

  close(): void {
    this.#isClosed = true;
    this.#settling?.stop();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #touched(): void {
    const { time } = this.#options;
    this.#touchedAt ??= time.monotonicMs();
    const patienceMs = this.#touchedAt + longestSettleMs - time.monotonicMs();
    this.#settling?.stop();
    this.#settling = time.after(Math.max(0, Math.min(settleMs, patienceMs)), () => void this.#look());
  }

  /** What changes while `changed` runs differs from the prints taken before, and so is seen at the next touch. */
  async #look(): Promise<void> {
    this.#touchedAt = undefined;
    const isChanged = await this.#takePrints((file) => this.#prints.has(file));
    if (!isChanged || this.#isClosed) return;
    await this.#options.changed();
    await this.renew();
  }

  /** Notes how the files that qualify look now; true where one of them looked otherwise before. */
  async #takePrints(qualifies: (file: string) => boolean): Promise<boolean> {
    const files = this.#options.files().filter(qualifies);
    const prints = await Promise.all(files.map(fingerprintOf));
    const isChanged = files.some((file, index) => this.#prints.get(file) !== prints[index]);
    for (const [index, file] of files.entries()) this.#prints.set(file, prints[index] ?? "");
    return isChanged;
  }

  async #watchDirectories(): Promise<void> {
    const wanted = new Set((await Promise.all(this.#options.files().map(directoriesOf))).flat());
    if (this.#isClosed) return;
    for (const [directory, watcher] of this.#watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of wanted) this.#watchDirectory(directory);
  }

  #watchDirectory(directory: string): void {
    if (this.#watchers.has(directory)) return;
    try {
      const watcher = watch(directory, () => this.#touched());
      watcher.on("error", (error) => this.#options.failed(directory, error));
      this.#watchers.set(directory, watcher);
    } catch (error) {
      if (this.#isGoneTarget(directory, error)) this.#renewLater();
      else this.#options.failed(directory, error);
    }
  }

  /** Whether a link led there a moment ago, and leads elsewhere by now. */
  #isGoneTarget(directory: string, error: unknown): boolean {
    const isGone = (error as NodeJS.ErrnoException).code === "ENOENT";
    return isGone && !this.#options.files().some((file) => dirname(file) === directory);
  }

  #renewLater(): void {
    this.#options.time.after(settleMs, () => {
      if (!this.#isClosed) void this.renew();
    });
  }
}

/** Where the file lies, and where it really lies if it is a link. */
async function directoriesOf(file: string): Promise<string[]> {
  const target = await realpath(file).catch(() => file);
  return [dirname(file), dirname(target)];
}

async function fingerprintOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
