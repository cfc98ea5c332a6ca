import type { Socket, SocketEvents } from "../../runtime/host.ts";
import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { releaseAttempt } from "./release-attempt.ts";

/** Two WebSockets, joined message by message. */
export interface SocketBridge {
  readonly fromServer: SocketEvents;
  readonly fromClient: SocketEvents;
  /** Tells the bridge the server's end, once it is open. */
  join(server: Socket): void;
}

/** The most that may wait for a slow reader, bytes, in either direction: neither end can be told to pause. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Codes of RFC 6455, 7.4, that we say ourselves. */
const ABNORMAL = 1006;
const TRY_AGAIN_LATER = 1013;

/** Makes a bridge: what one end says the other hears; when one leaves, the other is told, with the same code. */
export function createSocketBridge(attempt: Attempt, tools: ForwardTools): SocketBridge {
  let client: Socket | undefined;
  let server: Socket | undefined;
  let isOver = false;
  const early: (string | Uint8Array)[] = [];

  function pass(to: Socket | undefined, message: string | Uint8Array): void {
    if (to?.send(message) && to.bufferedBytes() <= MAX_WAITING_BYTES) return;
    leave(TRY_AGAIN_LATER, "too slow");
  }

  /** Both ends go, whoever went first. */
  function leave(code: number, reason: string): void {
    if (isOver) return;
    isOver = true;
    client?.close(code, reason);
    server?.close(code, reason);
    releaseAttempt(attempt, tools);
    tools.end(attempt.exchange, code === ABNORMAL ? "socket_broken" : "");
  }

  return {
    join: (socket) => (server = socket),
    fromServer: {
      open() {},
      message(message) {
        attempt.bytesOut += lengthOf(message);
        if (client) pass(client, message);
        else early.push(message);
      },
      close: leave,
    },
    fromClient: {
      open(socket) {
        client = socket;
        if (isOver) socket.close(ABNORMAL, "");
        for (const message of early.splice(0)) pass(client, message);
      },
      message(message) {
        attempt.bytesIn += lengthOf(message);
        pass(server, message);
      },
      close: leave,
    },
  };
}

function lengthOf(message: string | Uint8Array): number {
  return typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
}
