import { CheckedFields } from "../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
import type { IncomingRequest } from "../http/incoming-request.ts";
import { refusalOf } from "../http/failures.ts";
import type { Connection } from "../runtime/listener.ts";
import type { Arrival } from "./exchange/arrival.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { receive } from "./exchange/receive.ts";
import { refuse } from "./exchange/refuse.ts";
import { guard } from "./guard/guard.ts";
import type { Pipeline } from "./pipeline.ts";

/** The life of a request, one line a step; what each step can answer stands behind it. */
export async function answer(
  request: IncomingRequest,
  connection: Connection,
  { arrival, pipeline }: { readonly arrival: Arrival; readonly pipeline: Pipeline },
): Promise<OutgoingAnswer | undefined> {
  let exchange: Exchange | undefined;
  try {
    exchange = receive(request, connection, { arrival, host: pipeline.host }); // notes 400 for what is ambiguous
    pipeline.begin(exchange);
    const refusal = guard(exchange, pipeline.board); // 400 405 501
    const response = refusal ? refuse(exchange, refusal) : await pipeline.router(exchange); // 403 404 413 414 429 431 502 503 504, or the server's
    return handOver(exchange, response, pipeline);
  } catch (error) {
    if (!exchange) return blameReceiving(error, pipeline); // 500
    return handOver(exchange, blame(exchange, error, pipeline), pipeline); // 500
  }
}

/** A fault of our own costs one exchange, never the worker. */
function blame(exchange: Exchange, error: unknown, pipeline: Pipeline): OutgoingAnswer {
  pipeline.reportFault(exchange, error);
  return refuse(exchange, refusalOf("proxy_internal_error"));
}

/** Without an exchange there is nobody to count it for, and nothing is known that an answer could say. */
function blameReceiving(error: unknown, pipeline: Pipeline): OutgoingAnswer {
  pipeline.reportFault(undefined, error);
  return { status: 500, headers: new CheckedFields(), body: null };
}

/** What streams ends later, and says so itself. */
function handOver(
  exchange: Exchange,
  response: OutgoingAnswer,
  pipeline: Pipeline,
): OutgoingAnswer | undefined {
  exchange.status = exchange.isUpgraded ? 101 : response.status;
  const nowMs = pipeline.host.time.monotonicMs();
  exchange.headersMs = nowMs - exchange.startedMs;
  if (exchange.isUpgraded) return pipeline.host.afterUpgrade(response);
  if (!exchange.isStreaming) pipeline.end(exchange, exchange.broken, nowMs);
  return response;
}
