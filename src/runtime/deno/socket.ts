import type { AcceptOptions, Socket, SocketEvents } from "../socket.ts";
import { isSendable, MAX_MESSAGE_BYTES, NO_CODE } from "../web-socket/socket-messages.ts";

/** Codes of RFC 6455, 7.4. */
const ABNORMAL = 1006;
const TOO_BIG = 1009;
const SERVER_ERROR = 1011;

/** Upgrades the request; the response is what the listener must return. */
export function acceptDenoSocket(request: Request, options: AcceptOptions): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  // Deno's own `protocol` option throws where the client offers several without spaces between them.
  if (options.protocol) response.headers.set("Sec-WebSocket-Protocol", options.protocol);
  for (const [name, value] of options.headers) response.headers.append(name, value);
  connectEvents(socket, options.events);
  return response;
}

function connectEvents(socket: WebSocket, events: SocketEvents): void {
  let isOver = false;
  const leave = (code: number, reason: string): void => {
    if (!isOver) events.close(code, reason);
    isOver = true;
  };
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => events.open(toSocket(socket)));
  socket.addEventListener("message", ({ data }) => {
    const message = typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
    if (message.length > MAX_MESSAGE_BYTES) leave(TOO_BIG, "message too big"); // Deno itself takes 64 MiB.
    else if (!isOver) events.message(message);
  });
  socket.addEventListener("close", ({ code, reason }) => leave(code === 0 ? ABNORMAL : code, reason));
}

/** Deno lets an accepted socket say every code, though a dialled one only a few, but has no way to cut a connection. */
function toSocket(socket: WebSocket): Socket {
  return {
    protocol: "",
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(message);
      return true;
    },
    bufferedBytes: () => socket.bufferedAmount,
    close(code, reason) {
      if (code === NO_CODE) socket.close();
      else socket.close(isSendable(code) ? code : SERVER_ERROR, reason);
    },
  };
}
