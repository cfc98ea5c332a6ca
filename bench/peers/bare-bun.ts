/** The least that passes requests on in Bun, what everything is compared with: `bun bench/peers/bare-bun.ts PORT UPSTREAM [CERT KEY]`. */
import process from "node:process";

const [port = "", upstream = "", cert, key] = process.argv.slice(2);

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  ...(cert && key && { tls: { cert: Bun.file(cert), key: Bun.file(key) }, http2: true }),
  idleTimeout: 255,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  fetch(request) {
    return fetch(upstream + request.url.slice(request.url.indexOf("/", 8)), {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
      decompress: false,
    });
  },
});
