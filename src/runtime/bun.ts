import { toResponse } from "../http/outgoing-answer.ts";
import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
import { openAppendFile } from "./append-file.ts";
import { bunSocketHandlers, acceptBunSocket } from "./bun/socket.ts";
import type { BunSocketData } from "./bun/socket.ts";
import { FrontConnection } from "./front/front-connection.ts";
import { listenOverSockets } from "./front/front-listener.ts";
import { acceptFrontSocket } from "./front/front-socket.ts";
import { collectBunGarbage } from "./bun/garbage.ts";
import { dialSocket } from "./web-socket/dial-socket.ts";
import type { Host } from "./host.ts";
import type { Connection, HostListener, ListenOptions, ServeOptions } from "./listener.ts";
import { loadBunSocketCalls } from "./bun/socket-calls.ts";
import { toBunServerTls } from "./bun/server-tls.ts";
import { knownFaultOf } from "./request-fault.ts";
import { steerConnections } from "./steer-connections.ts";
import { systemTime } from "./time.ts";
import { WireClient } from "./wire/wire-client.ts";

type BunServer = Bun.Server<BunSocketData>;

/** The longest idle limit that Bun takes, seconds; 0 would mean none at all. */
const MAX_IDLE_SECONDS = 255;

/** What a listener gives a connection back when a slow exchange is over, by its server. */
const idleSecondsOf = new WeakMap<BunServer, number>();

/** Headgate on Bun. */
export const bunHost: Host = {
  name: "bun",
  version: Bun.version,
  lacks: new Set(),
  headerCapBytes: 16_384,
  time: systemTime,
  random: Math.random,
  // Of a file's URL it would forget the query, and give the module that it knows.
  importModule: (file, version) => import(`${file}?v=${version}`) as Promise<unknown>,
  listen,
  serve,
  steerConnections: (port, toward) => {
    const calls = loadBunSocketCalls();
    return calls !== undefined && steerConnections(calls, port, toward);
  },
  peerAddress: (request, connection) =>
    connection instanceof FrontConnection
      ? connection.peer
      : (asServer(connection)?.requestIP(request as Request)?.address ?? ""),
  tellsLateOfLeaving: true,
  limitIdle(request, connection, isLimited) {
    const server = asServer(connection);
    server?.timeout(request as Request, isLimited ? (idleSecondsOf.get(server) ?? 0) : 0);
  },
  createClient: (options) => new WireClient(options),
  acceptWebSocket: (request, connection, options) => {
    if (connection instanceof FrontConnection) return acceptFrontSocket(request, connection, options);
    const server = asServer(connection);
    return server && acceptBunSocket(server, request as Request, options);
  },
  afterUpgrade: () => undefined,
  dialWebSocket: dialSocket,
  canConnect: undefined, // the client knows when it has connected
  openAppendFile,
  collectGarbage: collectBunGarbage,
  gzip: (bytes, level) =>
    Bun.gzipSync(bytes as Uint8Array<ArrayBuffer>, { level: level as 1, library: "libdeflate" }),
  classifyError: (error) => knownFaultOf(error) ?? "unknown", // the client tells all that it knows itself
};

/** A library's caller may mount the app without handing the server on: then there is none. */
function asServer(connection: Connection): BunServer | undefined {
  const server = connection as Partial<BunServer> | undefined;
  return typeof server?.requestIP === "function" ? (server as BunServer) : undefined;
}

function listen(options: ListenOptions): HostListener {
  return options.tls || options.http2 ? serve(options) : listenOverSockets(options);
}

/** TLS and HTTP/2 are the runtime's own. */
function serve(options: ServeOptions): HostListener {
  const idleSeconds = Math.min(MAX_IDLE_SECONDS, Math.ceil(options.idleTimeoutMs / 1000));
  const server: BunServer = Bun.serve<BunSocketData>({
    hostname: options.hostname ?? "::",
    port: options.port,
    reusePort: options.isShared,
    http2: options.http2,
    idleTimeout: idleSeconds,
    ...(options.tls && { tls: toBunServerTls(options.tls) }),
    // Bun's own limit cuts the connection instead of answering; ours are in the guard.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: asFetch(options),
    websocket: bunSocketHandlers,
  });
  idleSecondsOf.set(server, idleSeconds);
  return {
    hostname: server.hostname ?? "::",
    port: server.port ?? options.port,
    replaceHandler: (handle) => {
      server.reload({ fetch: asFetch({ handle }), websocket: bunSocketHandlers });
    },
    stop: () => server.stop(),
    abort: () => void server.stop(true),
  };
}

function asFetch({
  handle,
}: Pick<ServeOptions, "handle">): (request: Request, server: BunServer) => Response | Promise<Response> {
  return (request, server) => {
    const answer = handle(request, server);
    return answer instanceof Promise ? answer.then(respond) : respond(answer);
  };
}

/** Bun takes undefined for "this became a WebSocket", which its types only say of `upgrade`. */
function respond(answer: OutgoingAnswer | undefined): Response {
  return (answer && toResponse(answer)) as Response;
}
