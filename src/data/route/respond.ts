import { CheckedFields } from "../../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import type { RouteConfig } from "../../config/config.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { throughStage } from "../transform/own-answer.ts";
import type { Stage } from "../transform/stage.ts";

/** Answers with what the configuration says, without asking a server. */
export function createRespond(
  config: NonNullable<RouteConfig["respond"]>,
  stage: Stage | undefined,
): (exchange: Exchange) => OutgoingAnswer | Promise<OutgoingAnswer> {
  const { status } = config;
  const body = new TextEncoder().encode(config.body);
  const all = new CheckedFields(config.headers);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  if (hasBody) all.set("content-length", String(body.byteLength));
  if (hasBody && !all.has("content-type")) all.set("content-type", "text/plain; charset=utf-8");
  const headers = Object.fromEntries(all);
  return (exchange) => {
    const isBare = !hasBody || exchange.method === "HEAD";
    if (stage) return throughStage(stage, exchange, { status, headers, body: isBare ? null : body });
    if (isBare) return { status, headers: new CheckedFields(headers), body: null };
    exchange.bytesOut = body.byteLength;
    return { status, headers: new CheckedFields(headers), body };
  };
}
