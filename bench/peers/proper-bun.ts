/**
 * The floor for a proxy on Bun: `bare-bun` and what no reverse proxy may leave out, written straight down, without routes,
 * servers to choose from, limits, deadlines or statistics. `bun bench/peers/proper-bun.ts PORT UPSTREAM [CERT KEY]`.
 */
import process from "node:process";

const [port = "", upstream = "", cert, key] = process.argv.slice(2);
const hopByHop = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"];
const forged = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  ...(cert && key && { tls: { cert: Bun.file(cert), key: Bun.file(key) }, http2: true }),
  idleTimeout: 255,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request, server) {
    const answer = await fetch(upstream + request.url.slice(request.url.indexOf("/", 8)), {
      method: request.method,
      headers: requestHeaders(request, server.requestIP(request)?.address ?? ""),
      body: request.body,
      signal: new AbortController().signal, // so that it could be cut
      redirect: "manual",
      decompress: false,
      timeout: false,
    } as BunFetchRequestInit);
    const { headers } = answer;
    for (const name of hopByHop) if (headers.has(name)) headers.delete(name);
    headers.append("via", "1.1 proper");
    const isShort = Number(headers.get("content-length") ?? Infinity) <= 16_384;
    const body = isShort ? await answer.bytes() : answer.body; // so that its end could be seen
    return new Response(body as Uint8Array<ArrayBuffer> | ReadableStream, { status: answer.status, headers });
  },
});

function requestHeaders(request: Request, client: string): Headers {
  const host = request.headers.get("host") ?? "";
  const headers = new Headers(request.headers);
  for (const name of [...hopByHop, ...forged]) if (headers.has(name)) headers.delete(name);
  headers.set("x-forwarded-for", client);
  headers.set("x-forwarded-host", host);
  headers.set("x-forwarded-port", port);
  headers.set("x-forwarded-proto", "http");
  headers.set("x-real-ip", client);
  headers.set("x-request-id", crypto.randomUUID());
  headers.append("via", "1.1 proper");
  return headers;
}
