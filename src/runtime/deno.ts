import { toResponse } from "../http/outgoing-answer.ts";
import { pathToFileURL } from "node:url";
import { openAppendFile } from "./append-file.ts";
import { canConnect } from "./can-connect.ts";
import { DenoClient } from "./deno/client.ts";
import { classifyDenoError } from "./deno/faults.ts";
import { collectDenoGarbage } from "./deno/garbage.ts";
import { acceptDenoSocket } from "./deno/socket.ts";
import { loadDenoSocketCalls } from "./deno/socket-calls.ts";
import { dialSocket } from "./web-socket/dial-socket.ts";
import type { Host } from "./host.ts";
import type { Connection, HostListener, ListenTls, ServeOptions } from "./listener.ts";
import { steerConnections } from "./steer-connections.ts";
import { systemTime } from "./time.ts";

/** Headgate on Deno. */
export const denoHost: Host = {
  name: "deno",
  version: Deno.version.deno,
  lacks: new Set([
    "several-certificates",
    "oldest-tls-version",
    "client-certificates",
    "raw-bodies",
    "http1-only",
    "insecure-upstream-tls",
    "server-name",
  ]),
  headerCapBytes: Infinity,
  time: systemTime,
  random: Math.random,
  importModule: (file, version) => import(`${pathToFileURL(file).href}?v=${version}`) as Promise<unknown>,
  listen: serve,
  serve,
  steerConnections: (port, toward) => {
    const calls = loadDenoSocketCalls();
    return calls !== undefined && steerConnections(calls, port, toward);
  },
  peerAddress: (_request, connection) => peerOf(connection),
  tellsLateOfLeaving: false,
  limitIdle: () => {}, // Deno has no idle limit that could cut a slow exchange.
  createClient: (options) => new DenoClient(options),
  acceptWebSocket: (request, _connection, options) => acceptDenoSocket(request as Request, options),
  afterUpgrade: (response) => response,
  dialWebSocket: dialSocket,
  canConnect,
  openAppendFile,
  collectGarbage: collectDenoGarbage,
  gzip: undefined,
  classifyError: classifyDenoError,
};

function peerOf(connection: Connection): string {
  const address = (connection as Partial<Deno.ServeHandlerInfo> | undefined)?.remoteAddr;
  return address && "hostname" in address ? address.hostname : "";
}

function serve(options: ServeOptions): HostListener {
  let { handle } = options;
  const server = Deno.serve(
    {
      hostname: options.hostname ?? "::",
      port: options.port,
      reusePort: options.isShared,
      ...(options.tls && certificateOf(options.tls)),
      onListen: () => {},
      // Only answers that broke off come here, which the access log tells of; Deno would print each.
      onError: () => new Response(null, { status: 500 }),
    },
    async (request, info) => {
      const answer = await handle(request, info);
      return answer ? toResponse(answer) : new Response(null);
    },
  );
  const { hostname, port } = server.addr;
  return {
    hostname,
    port,
    replaceHandler(next) {
      handle = next;
    },
    stop: () => server.shutdown(),
    // Deno cannot close by force: what is under way was cut by our own signals, and the process ends next.
    abort: () => void server.shutdown(),
  };
}

/** Deno serves one certificate a listener, from TLS 1.2 on; the start-up refuses to want more. */
function certificateOf({ certificates: [{ cert, key }] }: ListenTls): { cert: string; key: string } {
  return { cert, key };
}
