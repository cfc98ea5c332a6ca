import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const BIG = new Uint8Array(1_000_000);

/** Whatever a server may do to a proxy, by path. */
const answers: Readonly<Record<string, Answer>> = {
  "/small": (response) => void response.writeHead(200, { "content-type": "text/plain" }).end("ok"),
  "/big": (response) => void response.end(BIG),
  "/slow": (response) => void setTimeout(() => response.end("late"), 300),
  "/silent": () => {},
  "/reset": (response) => void response.socket?.resetAndDestroy(),
  "/cut": (response) => {
    response.writeHead(200, { "content-length": "100000" }).write(BIG.subarray(0, 10_000));
    setTimeout(() => response.destroy(), 20);
  },
  "/busy": (response) => void response.writeHead(503).end("busy"),
  "/echo": (response, request) => void request.pipe(response),
  "/refuse": (response) => void response.writeHead(413, { connection: "close" }).end("too long"),
};

/** The paths that it answers, each in its own bad way. */
export const paths = Object.keys(answers);

/** Starts the server in this process and gives its port. */
export async function startFaultyServer(): Promise<number> {
  const server = createServer((request, response) => {
    response.on("error", () => {});
    request.on("error", () => {});
    (answers[request.url ?? ""] ?? answers["/small"])?.(response, request);
  });
  server.on("upgrade", acceptSocket);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Opens a WebSocket (RFC 6455, 4.2.2) and answers whatever comes first with one short message. */
function acceptSocket({ headers }: IncomingMessage, socket: Duplex): void {
  const secret = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(secret).digest("base64");
  const fields = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  socket.on("error", () => {});
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join("\r\n")}\r\n\r\n`);
  socket.once("data", () => {
    socket.write(Uint8Array.of(0x81, 2, 0x6f, 0x6b)); // "ok" as text
    socket.resume();
  });
}
