import type { AppendFile } from "../../runtime/append-file.ts";
import type { Time, Timer } from "../../runtime/host.ts";

/** How long a line waits for company, ms. */
const BATCH_MS = 100;

/** A batch of this length is written at once, in characters. */
const BATCH_LENGTH = 64 * 1024;

/** Lines beyond this are dropped while the file does not take them, in characters: a full pipe must not stop requests. */
const MAX_WAITING_LENGTH = 8 * 1024 * 1024;

/** Collects lines and writes them in batches, off the request path. */
export class BatchWriter {
  readonly #open: () => AppendFile;
  readonly #time: Time;
  #file: AppendFile;
  #lines = "";
  #dropped = 0;
  #timer: Timer | undefined;
  #isWriting = false;
  /** Files that a reopen took out of use, to be closed once nothing is being written to them. */
  #retired: AppendFile[] = [];
  #whenIdle: (() => void) | undefined;

  /** `open` opens the file, at once and after every rotation. Throws what it throws. */
  constructor(open: () => AppendFile, time: Time) {
    this.#open = open;
    this.#time = time;
    this.#file = open();
  }

  /** Takes a line, without its line break. Never waits. */
  write(line: string): void {
    if (this.#lines.length > MAX_WAITING_LENGTH) {
      this.#dropped++;
      return;
    }
    this.#lines += `${line}\n`;
    if (this.#lines.length >= BATCH_LENGTH) this.#flush();
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
    if (this.#isWriting) return;
    if (this.#lines === "") this.#whenIdle?.();
    else this.#append();
  }

  #append(): void {
    this.#isWriting = true;
    const batch = this.#lines;
    this.#lines = this.#describeDropped();
    this.#file.append(batch, () => {
      this.#isWriting = false;
      this.#closeRetired();
      this.#flush();
    });
  }

  #closeRetired(): void {
    for (const file of this.#retired.splice(0)) file.close();
  }

  /** Lines are lost in the open: the log itself says how many. */
  #describeDropped(): string {
    const line = this.#dropped === 0 ? "" : `${JSON.stringify({ dropped: this.#dropped })}\n`;
    this.#dropped = 0;
    return line;
  }
}
