import type { AcceptOptions, Socket, SocketEvents } from "../socket.ts";
import { isSendable, MAX_MESSAGE_BYTES, NO_CODE } from "../web-socket/socket-messages.ts";

/** What Bun keeps with each client's WebSocket. */
export interface BunSocketData {
  readonly events: SocketEvents;
}

const OPEN = 1;

/** Bun's WebSocket callbacks, the same for every listener: each socket carries its own events. */
export const bunSocketHandlers: Bun.WebSocketHandler<BunSocketData> = {
  maxPayloadLength: MAX_MESSAGE_BYTES,
  backpressureLimit: MAX_MESSAGE_BYTES,
  closeOnBackpressureLimit: true,
  open: (socket) => socket.data.events.open(toSocket(socket)),
  message: (socket, message) => socket.data.events.message(message),
  close: (socket, code, reason) => socket.data.events.close(code, reason),
};

/** Upgrades the request; the empty answer only tells the steps that it is done. */
export function acceptBunSocket(
  server: Bun.Server<BunSocketData>,
  request: Request,
  options: AcceptOptions,
): Response | undefined {
  const headers = new Headers(options.headers);
  // Even where the server chose none: without this Bun would name the client's first offer.
  headers.set("Sec-WebSocket-Protocol", options.protocol);
  const isUpgraded = server.upgrade(request, { data: { events: options.events }, headers });
  return isUpgraded ? new Response(null, { status: 204 }) : undefined;
}

function toSocket(socket: Bun.ServerWebSocket<BunSocketData>): Socket {
  return {
    protocol: "",
    // 0 = lost, but also the length of an empty message.
    send: (message) => socket.send(message) !== 0 || (message.length === 0 && socket.readyState === OPEN),
    bufferedBytes: () => socket.getBufferedAmount(),
    close(code, reason) {
      if (isSendable(code)) socket.close(code, reason);
      else if (code === NO_CODE) socket.close();
      else socket.terminate();
    },
  };
}
