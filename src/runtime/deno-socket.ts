import type { AcceptOptions, Socket, SocketEvents } from "./host.ts";

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
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => events.open(toSocket(socket)));
  socket.addEventListener("message", ({ data }) =>
    events.message(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)),
  );
  socket.addEventListener("close", ({ code, reason }) => events.close(code === 0 ? 1006 : code, reason));
}

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
      const isSendable = code === 1000 || (code >= 3000 && code < 5000);
      if (isSendable) socket.close(code, reason);
      else socket.close(code === 1001 || code === 1012 ? 1000 : 3000, reason);
    },
  };
}
