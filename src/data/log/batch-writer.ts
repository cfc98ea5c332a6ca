import type { AppendFile } from "../../runtime/append-file.ts";
import type { Time, Timer } from "../../runtime/host.ts";

/** Collects lines and writes them in batches, off the request path. */
export interface BatchWriter {
  /** Takes a line, without its line break. Never waits. */
  write(line: string): void;
  reopen(): void;
  close(): Promise<void>;
}

/** How long a line waits for company, ms. */
const BATCH_MS = 100;

/** A batch of this length is written at once, in characters. */
const BATCH_LENGTH = 64 * 1024;

/** Lines beyond this are dropped while the file does not take them, in characters: a full pipe must not stop requests. */
const MAX_WAITING_LENGTH = 8 * 1024 * 1024;

/** Creates a writer over a file that `open` opens, at once and after every rotation. */
export function createBatchWriter(open: () => AppendFile, time: Time): BatchWriter {
  let file = open();
  let lines = "";
  let dropped = 0;
  let timer: Timer | undefined;
  let isWriting = false;
  let whenIdle: (() => void) | undefined;

  function flush(): void {
    timer?.stop();
    timer = undefined;
    if (isWriting) return;
    if (lines === "") {
      whenIdle?.();
      return;
    }
    isWriting = true;
    const batch = lines;
    lines = describeDropped();
    file.append(batch, () => {
      isWriting = false;
      flush();
    });
  }

  /** Lines are lost in the open: the log itself says how many. */
  function describeDropped(): string {
    const line = dropped === 0 ? "" : `${JSON.stringify({ dropped })}\n`;
    dropped = 0;
    return line;
  }

  return {
    write(line) {
      if (lines.length > MAX_WAITING_LENGTH) {
        dropped++;
        return;
      }
      lines += `${line}\n`;
      if (lines.length >= BATCH_LENGTH) flush();
      else timer ??= time.after(BATCH_MS, flush);
    },
    reopen() {
      const next = open();
      file.close();
      file = next;
    },
    close() {
      return new Promise((resolve) => {
        whenIdle = () => {
          whenIdle = undefined;
          file.close();
          resolve();
        };
        flush();
      });
    },
  };
}
