import { DialError } from "./host.ts";
import type { DialOptions, FetchFault, Socket } from "./host.ts";

/** Opens a WebSocket to a server and hands on its events; rejects with a `DialError` where that fails. */
export function dialSocket(options: DialOptions, open: () => WebSocket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = open();
    socket.binaryType = "arraybuffer";
    let failure = "the connection closed";
    let isOpen = false;
    const give = (): void => socket.close();
    options.signal.addEventListener("abort", give, { once: true });
    socket.addEventListener("open", () => {
      isOpen = true;
      options.signal.removeEventListener("abort", give);
      resolve(toSocket(socket));
    });
    socket.addEventListener("message", ({ data }) => options.events.message(toMessage(data)));
    socket.addEventListener("error", (event) => {
      failure = event.message || failure;
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isOpen) options.events.close(code === 0 ? 1006 : code, reason);
      else reject(new DialError(failure, faultOf(failure), statusIn(failure)));
    });
  });
}

function toMessage(data: unknown): string | Uint8Array {
  return typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
}

function toSocket(socket: WebSocket): Socket {
  return {
    protocol: socket.protocol,
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(message);
      return true;
    },
    bufferedBytes: () => socket.bufferedAmount,
    close(code, reason) {
      try {
        socket.close(code, reason);
      } catch {
        leave(socket); // The web's API sends only 1000 and 3000 to 4999; Bun's sends more.
      }
    },
  };
}

function leave(socket: WebSocket): void {
  const { terminate } = socket as { terminate?: () => void };
  if (terminate) terminate.call(socket);
  else socket.close();
}

/** Both runtimes put the refused handshake's status only into the message: "Expected 101 status code: 403". */
function statusIn(message: string): number | undefined {
  const status = Number(/(?:status code|status)\D{0,4}(\d{3})\b/i.exec(message)?.[1]);
  return status >= 300 && status < 600 ? status : undefined;
}

function faultOf(message: string): FetchFault {
  if (/refused|failed to connect/i.test(message)) return "refused";
  if (/dns|resolve|lookup/i.test(message)) return "dns";
  if (/certificate/i.test(message)) return "certificate";
  if (/tls|ssl/i.test(message)) return "tls";
  return "reset";
}
