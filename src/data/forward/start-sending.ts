import type { Exchange } from "../exchange/exchange.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { KeptBody } from "./body/kept-body.ts";
import type { KeepOptions, MostBytes } from "./body/kept-body.ts";
import type { ForwardPlan, Sending } from "./sending.ts";

/** Prepares a request for its attempts. */
export function startSending(exchange: Exchange, plan: ForwardPlan, tools: ForwardTools): Sending {
  const { upstream } = plan;
  exchange.upstream = upstream.name;
  return {
    exchange,
    plan,
    tools,
    body: bodyOf(exchange, plan, tools),
    key: upstream.keyOf(exchange),
    preferred: upstream.sticky ? upstream.sticky.placeOf(exchange) : -1,
    tried: [],
  };
}

function bodyOf(exchange: Exchange, { upstream }: ForwardPlan, { host }: ForwardTools): KeptBody | undefined {
  const { request, method } = exchange;
  const source = exchange.body ?? request.body;
  if (method === "GET" || method === "HEAD" || source === null) return undefined;
  const length = exchange.headers.get("content-length");
  if (length === "0") return undefined;
  const { bodyLimit } = upstream.config.retry;
  return new KeptBody(source, {
    lengthBytes: length === null ? Number.NaN : Number(length),
    limitBytes: bodyLimit,
    ...(exchange.clientBody ? { client: exchange.clientBody } : watchOf(exchange)),
    monotonicMs: host.time.monotonicMs,
  });
}

/** Where filters work on the body, what the client itself sends is watched before them. */
function watchOf(exchange: Exchange): Pick<KeepOptions, "most" | "minBytesPerSecond"> {
  return {
    ...(exchange.bodyLimitBytes > 0 && { most: mostOf(exchange) }),
    minBytesPerSecond: exchange.minUploadBytesPerSecond,
  };
}

function mostOf(exchange: Exchange): MostBytes {
  return { bytes: exchange.bodyLimitBytes, exceeded: () => void (exchange.isBodyTooLong = true) };
}
