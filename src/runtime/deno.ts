import { pathToFileURL } from "node:url";
import { isIdempotent } from "../http/methods.ts";
import { openAppendFile } from "./append-file.ts";
import { canConnect } from "./can-connect.ts";
import { classifyDenoError } from "./deno-faults.ts";
import { collectDenoGarbage } from "./deno-garbage.ts";
import { acceptDenoSocket } from "./deno-socket.ts";
import { loadDenoSocketCalls } from "./deno-socket-calls.ts";
import { dialSocket } from "./dial-socket.ts";
import type {
  Client,
  ClientOptions,
  ClientRequest,
  ClientTls,
  Connection,
  Host,
  HostListener,
  ListenOptions,
  ListenTls,
} from "./host.ts";
import { steerConnections } from "./steer-connections.ts";
import { systemTime } from "./time.ts";
import { withoutProxy } from "./without-proxy.ts";

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
  listen,
  steerConnections: (port, toward) => {
    const calls = loadDenoSocketCalls();
    return calls !== undefined && steerConnections(calls, port, toward);
  },
  peerAddress: (_request, connection) => peerOf(connection),
  tellsLateOfLeaving: false,
  limitIdle: () => {}, // Deno has no idle limit that could cut a slow exchange.
  createClient,
  acceptWebSocket: (request, _connection, options) => acceptDenoSocket(request, options),
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

function listen(options: ListenOptions): HostListener {
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
    (request, info) => handle(request, info) as Response | Promise<Response>,
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

function createClient(options: ClientOptions): Client {
  const keeping = createHttpClient(options.tls, options.idleTimeoutMs);
  const fresh = createHttpClient(options.tls, 0);
  return {
    fetch: (url, request) =>
      fetch(url, {
        method: request.method,
        headers: asRawRequest(request.headers),
        body: asSizedBody(request),
        signal: request.signal,
        redirect: "manual",
        client: mayBeSentAgain(request) ? keeping : fresh,
      } as RequestInit & { client: Deno.HttpClient }),
    close() {
      keeping.close();
      fresh.close();
    },
  };
}

/**
 * Deno sends a request again by itself where a connection that was used before breaks, whatever its method, as long as it
 * has no stream for a body. What must not be sent twice gets a connection of its own, on which Deno does not.
 */
function mayBeSentAgain({ method, body }: ClientRequest): boolean {
  return body instanceof ReadableStream || isIdempotent(method);
}

/**
 * Deno sends every stream chunked, whatever Content-Length says, and some servers take no chunked uploads. It believes
 * the size of a Blob, though, and asks it for its stream: so a body of known length goes in a Blob's clothes.
 */
function asSizedBody({ body, headers }: ClientRequest): ClientRequest["body"] | Blob {
  const length = headers.get("content-length");
  if (length === null || !(body instanceof ReadableStream)) return body;
  const size = { value: Number(length) };
  const stream = { value: () => body };
  return Object.defineProperties(new Blob([]), { size, stream });
}

/**
 * Deno decodes gzip and br but leaves the headers as they were, which would corrupt every such answer. It leaves a body
 * alone only where exactly `identity` was asked for.
 */
function asRawRequest(headers: Headers): Headers {
  headers.set("accept-encoding", "identity");
  return headers;
}

function createHttpClient(tls: ClientTls | undefined, idleTimeoutMs: number): Deno.HttpClient {
  const options = {
    allowHost: true,
    http2: false,
    ...(idleTimeoutMs > 0 ? { poolIdleTimeout: idleTimeoutMs } : { poolMaxIdlePerHost: 0 }),
    ...(tls?.ca !== undefined && { caCerts: [tls.ca] }),
    ...(tls?.cert !== undefined && tls.key !== undefined && { cert: tls.cert, key: tls.key }),
  };
  return withoutProxy(() => Deno.createHttpClient(options));
}
