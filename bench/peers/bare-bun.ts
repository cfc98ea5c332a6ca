/** The least that passes requests on in Bun, what everything is compared with: `bun bench/peers/bare-bun.ts PORT UPSTREAM`. */
import process from "node:process";

const [port = "", upstream = ""] = process.argv.slice(2);

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
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
