import type { AppendFile } from "../../runtime/append-file.ts";
import type { Time, Timer } from "../../runtime/host.ts";
import { LineBatch } from "./line-batch.ts";

/** How long a line waits for company, ms. */
const BATCH_MS = 100;

/** A batch of this length is written at once, bytes. */
const BATCH_BYTES = 64 * 1024;

/** Lines beyond this are dropped while the file does not take them, bytes: a full pipe must not stop requests. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Takes how many lines were lost, and why. */
export type LostLines = (count: number, reason: string) => void;

/** Collects lines and writes them in batches, off the request path. */
export class BatchWriter {
  readonly #open: () => AppendFile;
  readonly #time: Time;
  readonly #lost: LostLines;
  #file: AppendFile;
  #lines = new LineBatch();
  /** What is being written, or nothing. */
  #written = new LineBatch();
  #dropped = 0;
  #timer: Timer | undefined;
  #isWriting = false;
  /** Whether lines that came during a write are long enough, or have waited long enough, to be written after it. */
  #isDue = false;
  /** Files that a reopen took out of use, to be closed once nothing is being written to them. */
  #retired: AppendFile[] = [];
  #whenIdle: (() => void) | undefined;

  /** `open` opens the file, at once and after every rotation. Throws what it throws. */
  constructor(open: () => AppendFile, time: Time, lost: LostLines = () => {}) {
    this.#open = open;
    this.#time = time;
    this.#lost = lost;
    this.#file = open();
  }

  /** Takes a line, without its line break. Never waits. */
  write(line: string): void {
    if (this.#lines.byteLength > MAX_WAITING_BYTES) {
      this.#drop(1, "the file takes them too slowly");
      return;
    }
    this.#lines.add(line);
    if (this.#lines.byteLength >= BATCH_BYTES) this.#flush();
    else this.#timer ??= this.#time.after(BATCH_MS, () => this.#flush());
  }

  /** Opens the file anew; goes on with the old one where that fails. */
  reopen(): void {
    const next = this.#open();
    this.#retired.push(this.#file);
    this.#file = next;
    if (!this.#isWriting) this.#closeRetired();
  }

  /** Writes what is left, and resolves when that is done. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = () => {
        this.#whenIdle = undefined;
        this.#file.close();
        resolve();
      };
      this.#flush();
    });
  }

  #flush(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#isDue = this.#isWriting;
    if (this.#isWriting) return;
    if (this.#lines.count === 0 && this.#dropped === 0) this.#whenIdle?.();
    else this.#append();
  }

  #append(): void {
    const { batch, count, dropped } = this.#takeBatch();
    this.#isWriting = true;
    this.#file.append(batch.bytes(), (fault) => {
      this.#isWriting = false;
      batch.empty();
      this.#closeRetired();
      if (fault !== undefined) return this.#fail(count, fault);
      this.#dropped -= dropped;
      this.#goOn();
    });
  }

  /** The few lines that came meanwhile wait for company too: else each write would be followed by a small one at once. */
  #goOn(): void {
    if (this.#isDue || this.#dropped > 0 || this.#whenIdle) this.#flush();
  }

  /** Lines are lost in the open: the log itself says how many, as soon as it can. */
  #takeBatch(): { readonly batch: LineBatch; readonly count: number; readonly dropped: number } {
    const batch = this.#lines;
    const { count } = batch;
    this.#lines = this.#written;
    this.#written = batch;
    const dropped = this.#dropped;
    if (dropped > 0) batch.add(JSON.stringify({ dropped }));
    return { batch, count, dropped };
  }

  /** What a file does not take is not kept for it: a full disk would fill the memory. */
  #fail(count: number, fault: string): void {
    this.#drop(count, fault);
    if (this.#whenIdle) this.#whenIdle();
    else if (this.#lines.count > 0) this.#timer ??= this.#time.after(BATCH_MS, () => this.#flush());
  }

  #closeRetired(): void {
    for (const file of this.#retired.splice(0)) file.close();
  }

  #drop(count: number, reason: string): void {
    this.#dropped += count;
    if (count > 0) this.#lost(count, reason);
  }
}
