import { close, openSync, write } from "node:fs";

/** A file, or a standard stream, that text is appended to without ever blocking. */
export interface AppendFile {
  /**
   * Appends bytes, which must stay as they are until then; calls back when they were written, or with the reason why they, or
   * the last of them, could not be.
   */
  append(bytes: Uint8Array, done: (fault?: string) => void): void;
  close(): void;
}

const STREAMS: Readonly<Record<string, number>> = { stdout: 1, stderr: 2 };

/** Opens `stdout`, `stderr` or a file. Appends of several threads do not mix within a line. Throws where it cannot be opened. */
export function openAppendFile(name: string): AppendFile {
  const stream = STREAMS[name];
  const descriptor = stream ?? openSync(name, "a");
  return {
    append: (bytes, done) => writeAll(descriptor, bytes, done),
    close: () => {
      if (stream === undefined) close(descriptor);
    },
  };
}

/** A pipe may take less than everything at once. */
function writeAll(descriptor: number, bytes: Uint8Array, done: (fault?: string) => void): void {
  write(descriptor, bytes, 0, bytes.byteLength, null, (error, written) => {
    const isBusy = error?.code === "EAGAIN";
    if (error && !isBusy) done(error.code ?? error.message);
    else if (isBusy) setTimeout(writeAll, 10, descriptor, bytes, done);
    else if (written < bytes.byteLength) writeAll(descriptor, bytes.subarray(written), done);
    else done();
  });
}
