import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { type Context, Hono } from "hono";

import { host } from "../../runtime/current.ts";
import type { Connection, HostListener } from "../../runtime/listener.ts";
import type { Socket } from "../../runtime/socket.ts";

/** What a toy server is like. */
export interface ToyServer {
  readonly name: string;
  readonly port: number;
  /** How long it thinks before each answer. */
  readonly delayMs: number;
}

interface Toy extends ToyServer {
  /** Requests so far, this one included. */
  readonly count: () => number;
}

/** Starts a server that says who it is, so that one can see where requests go. */
export function startToyServer(server: ToyServer): HostListener {
  let count = 0;
  const app = createToyApp({ ...server, count: () => count });
  return host.serve({
    hostname: "127.0.0.1",
    port: server.port,
    isShared: false,
    http2: false,
    idleTimeoutMs: 75_000,
    async handle(request, connection) {
      if (isProbe(request)) return new Response("well\n");
      count += 1;
      if (isWebSocket(request)) return echoMessages(server.name, request, connection);
      await pause(server.delayMs);
      return app.fetch(request);
    },
  });
}

function createToyApp(toy: Toy): Hono {
  const app = new Hono();
  app.get("/slow", async (c) => {
    await pause(Math.min(Number(c.req.query("ms") ?? 3_000), 60_000));
    return greet(c, toy);
  });
  app.get("/sse", () => streamEvents(toy.name));
  app.all("/echo", (c) => echo(c, toy.name));
  app.all("*", (c) => greet(c, toy));
  return app;
}

function greet(c: Context, { name, count }: Toy): Response {
  return c.text(`${name} here, request ${count()}\n`, 200, { "x-server": name });
}

/** The request as it arrived here: what the proxy made of it. */
async function echo(c: Context, name: string): Promise<Response> {
  const { method, url, headers } = c.req.raw;
  const { pathname, search } = new URL(url);
  const body = (await c.req.text()).slice(0, 10_000);
  return c.json({
    server: name,
    method,
    path: `${pathname}${search}`,
    headers: Object.fromEntries(headers),
    body,
  });
}

/** One event a second, for a minute at most. */
function streamEvents(name: string): Response {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent > 0) await pause(1_000);
      sent += 1;
      controller.enqueue(
        new TextEncoder().encode(
          `id: ${sent}\ndata: ${name} at ${new Date(host.time.now()).toISOString()}\n\n`,
        ),
      );
      if (sent === 60) controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** Probes come every few seconds and are nobody's request. */
function isProbe({ url }: Request): boolean {
  return new URL(url).pathname === "/healthz";
}

function isWebSocket({ headers }: Request): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

function echoMessages(name: string, request: Request, connection: Connection): OutgoingAnswer | undefined {
  let client: Socket | undefined;
  return host.acceptWebSocket(request, connection, {
    protocol: "",
    headers: new Headers(),
    events: {
      open(socket) {
        client = socket;
        socket.send(`${name} is listening`);
      },
      message: (message) => client?.send(typeof message === "string" ? `${name}: ${message}` : message),
      close: () => {},
    },
  });
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    host.time.after(delayMs, resolve);
  });
}
