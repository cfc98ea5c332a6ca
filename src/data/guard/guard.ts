import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";
import { refuseMethod } from "../../http/methods.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuseFraming } from "./framing.ts";

/** What the guard holds requests to. */
export interface GuardLimits {
  /** The longest path and query, bytes; 0 = no limit. */
  readonly uriBytes: number;
}

const TOO_LONG = refusalOf("http_request_error", { status: 414, detail: "the path and query are too long" });

/** Refuses early and cheaply what must not go further; undefined where the exchange may pass. */
export function guard(exchange: Exchange, limits: GuardLimits): Refusal | undefined {
  const { refusal, method, request } = exchange;
  return refusal ?? refuseMethod(method) ?? refuseFraming(request.headers) ?? refuseUri(exchange, limits);
}

function refuseUri({ path, query }: Exchange, { uriBytes }: GuardLimits): Refusal | undefined {
  return uriBytes > 0 && path.length + query.length > uriBytes ? TOO_LONG : undefined;
}
