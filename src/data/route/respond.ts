import type { RouteConfig } from "../../config/config.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** Answers with what the configuration says, without asking a server. */
export function createRespond(config: NonNullable<RouteConfig["respond"]>): (exchange: Exchange) => Response {
  const { status } = config;
  const body = new TextEncoder().encode(config.body);
  const headers = new Headers(config.headers);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  if (hasBody) headers.set("content-length", String(body.byteLength));
  if (hasBody && !headers.has("content-type")) headers.set("content-type", "text/plain; charset=utf-8");
  return (exchange) => {
    if (!hasBody || exchange.method === "HEAD") return new Response(null, { status, headers });
    exchange.bytesOut = body.byteLength;
    return new Response(body, { status, headers });
  };
}
