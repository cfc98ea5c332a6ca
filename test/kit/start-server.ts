import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from "node:net";

import type { Teardown } from "./teardown.ts";

/** Answers one request of a toy server. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that runs until the test ends. */
export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or with the address that was asked for. */
  readonly url: string;
  /** How many requests (or, for a TCP server, connections) have come. */
  readonly count: () => number;
  /** Cuts every connection and stops listening, as a killed process would. */
  readonly stop: () => Promise<void>;
}

/** Where a server listens: a free port of 127.0.0.1 unless it says otherwise. */
export interface Place {
  readonly address?: string;
  readonly port?: number;
}

/** Starts an HTTP server at a place, or on a port of 127.0.0.1; by default it answers "ok". */
export async function startServer(
  t: Teardown,
  answer: Answer = answerOk,
  place: number | Place = {},
): Promise<TestServer> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    void answer(request, response);
  });
  return open(t, { server, ...(typeof place === "number" ? { port: place } : place), count: () => count });
}

/** Starts a TCP server that hands each connection to `talk`, for answers that no HTTP library would give. */
export async function startTcpServer(
  t: Teardown,
  talk: (socket: Socket) => unknown,
  port = 0,
): Promise<TestServer> {
  let count = 0;
  const server = createTcpServer((socket) => {
    count += 1;
    socket.on("error", () => {});
    void talk(socket);
  });
  return open(t, { server, port, count: () => count });
}

interface Opening {
  readonly server: Server | TcpServer;
  readonly address?: string;
  readonly port?: number;
  readonly count: () => number;
}

async function open(
  t: Teardown,
  { server, port = 0, address = "127.0.0.1", count }: Opening,
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const stop = () => close(server, sockets);
  t.after(stop);
  const bound = (server.address() as AddressInfo).port;
  return { port: bound, url: `http://${address}:${bound}`, count, stop };
}

function close(server: Server | TcpServer, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}

function answerOk(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("content-type", "text/plain");
  response.end("ok");
}
