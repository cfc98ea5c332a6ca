import type { RouteConfig } from "../../config/config.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { throughStage } from "../transform/own-answer.ts";
import type { Stage } from "../transform/stage.ts";

/** Answers with what the configuration says, without asking a server. */
export function createRespond(
  config: NonNullable<RouteConfig["respond"]>,
  stage: Stage | undefined,
): (exchange: Exchange) => Response | Promise<Response> {
  const { status } = config;
  const body = new TextEncoder().encode(config.body);
  const headers = new Headers(config.headers);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  if (hasBody) headers.set("content-length", String(body.byteLength));
  if (hasBody && !headers.has("content-type")) headers.set("content-type", "text/plain; charset=utf-8");
  return (exchange) => {
    const isBare = !hasBody || exchange.method === "HEAD";
    if (stage) return throughStage(stage, exchange, { status, headers, body: isBare ? null : body });
    if (isBare) return new Response(null, { status, headers });
    exchange.bytesOut = body.byteLength;
    return new Response(body, { status, headers });
  };
}
