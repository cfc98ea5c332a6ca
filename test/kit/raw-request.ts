import { connect, type Socket } from "node:net";

/** How a raw request is sent. */
export interface RawOptions {
  readonly hostname?: string;
  /** Gives up and returns what came so far; default 3 s. */
  readonly timeoutMs?: number;
  /** Stops reading as soon as the text so far satisfies this; default: read until the peer closes. */
  readonly until?: (received: string) => boolean;
}

/**
 * Sends bytes as they are and returns what came back, as latin1 text.
 *
 * Say `Connection: close` in the request, or give `until`, or the answer takes `timeoutMs`. A reset ends the answer;
 * only a refused connection rejects.
 */
export function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  options: RawOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: options.hostname ?? "127.0.0.1" });
    let received = "";
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    const timer = setTimeout(finish, options.timeoutMs ?? 3_000);
    socket.on("data", (chunk: Uint8Array) => {
      received += Buffer.from(chunk).toString("latin1");
      if (options.until?.(received) === true) finish();
    });
    socket.on("connect", () =>
      socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes),
    );
    socket.on("close", finish);
    socket.on("error", (error) => {
      if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") return finish();
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Opens a connection to talk over by hand; the caller destroys it (`t.after(() => socket.destroy())`). */
export function openSocket(port: number, hostname = "127.0.0.1"): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: hostname });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      socket.on("error", () => {}); // a reset later on is the test's business, not a crash
      resolve(socket);
    });
  });
}
