/** Fastify with its own proxy on Node: `node bench/peers/fastify.mjs PORT UPSTREAM`. */
import process from "node:process";
import proxy from "@fastify/http-proxy";
import fastify from "fastify";

const [port = "", upstream = ""] = process.argv.slice(2);
const app = fastify({ logger: false, bodyLimit: Number.MAX_SAFE_INTEGER });
await app.register(proxy, {
  upstream,
  websocket: true,
  undici: { connections: 256 },
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      "x-forwarded-for": request.ip,
      "x-forwarded-proto": "http",
    }),
  },
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
