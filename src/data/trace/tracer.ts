import type { Config, TracingConfig } from "../../config/config.ts";
import { createRequestId } from "../../http/request-id.ts";
import { isTracestate, parseTraceparent, type TraceParent } from "../../http/trace-context.ts";
import type { Host } from "../../runtime/host.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Trace } from "../exchange/trace.ts";
import { ExchangeTrace, type TraceTools, UnrecordedTrace } from "./exchange-trace.ts";
import type { SpanBatch } from "./span-batch.ts";

/** Follows exchanges for OpenTelemetry. */
export interface Tracer {
  /** Gives an exchange that came in its place in a trace. */
  begin(exchange: Exchange): void;
  /** Records an exchange that is over; `endedMs` on the monotonic clock. */
  end(exchange: Exchange, endedMs: number): void;
}

/** What a tracer works with. */
export interface TracerTools {
  readonly host: Host;
  readonly spans: SpanBatch;
}

/** Creates the tracer of a configuration; undefined where nothing is traced. */
export function createTracer({ tracing, routes }: Config, { host, spans }: TracerTools): Tracer | undefined {
  if (tracing === undefined) return undefined;
  const paths = new Map(routes.map(({ name, path }) => [name, path]));
  const { random, time } = host;
  const tools: TraceTools = { random, monotonicMs: time.monotonicMs, add: (span) => spans.add(span) };
  return {
    begin(exchange) {
      exchange.trace = traceOf(exchange, tracing, tools);
    },
    end: (exchange, endedMs) => exchange.trace?.end(endedMs, paths.get(exchange.route) ?? ""),
  };
}

/** A caller that takes part in a trace, and is believed, decides whether it is recorded; else chance does. */
function traceOf(exchange: Exchange, config: TracingConfig, tools: TraceTools): Trace {
  const parent = parentOf(exchange, config);
  const traceId = parent?.traceId ?? newTraceId(exchange, tools.random);
  const origin = { traceId, parent, traceState: parent ? traceStateOf(exchange) : "" };
  const isSampled = parent?.isSampled ?? isChosen(traceId, config.sample);
  return isSampled ? new ExchangeTrace(exchange, origin, tools) : new UnrecordedTrace(origin, tools);
}

function parentOf({ request, isPeerTrusted }: Exchange, config: TracingConfig): TraceParent | undefined {
  if (config.parent === "trusted" && !isPeerTrusted) return undefined;
  const field = request.headers.get("traceparent");
  return field === null ? undefined : parseTraceparent(field);
}

function traceStateOf({ request }: Exchange): string {
  const field = request.headers.get("tracestate") ?? "";
  return isTracestate(field) ? field : "";
}

/** A request id of our own is as good a trace id, so that an error page's leads to its trace. */
function newTraceId({ isPeerTrusted, requestId }: Exchange, random: () => number): string {
  return isPeerTrusted ? createRequestId(random) : requestId;
}

/**
 * By the trace's id, so that all who decide for themselves by the same share decide alike.
 *
 * Source: "Consistent probability sampling" of the OpenTelemetry specification: the last 56 bits are as good as chance; a
 * number holds 52 of them.
 */
function isChosen(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(-14, -1), 16) / 2 ** 52 >= 1 - share;
}
