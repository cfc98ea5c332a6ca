import type { EditableFields } from "../../http/fields/field-lines.ts";
import { createSpanId } from "../../http/request-id.ts";
import { type TraceParent, writeTraceparent } from "../../http/trace-context.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AttemptSpan, Trace, TracedPlace } from "../exchange/trace.ts";
import { exchangeAttributes, exchangeError, nameSpan } from "./attributes.ts";
import { RecordedAttempt } from "./recorded-attempt.ts";
import { writeSpan } from "./span.ts";

/** What traces are made with. */
export interface TraceTools {
  readonly random: () => number;
  readonly monotonicMs: () => number;
  /** Takes a span, as JSON. */
  readonly add: (span: string) => void;
}

/** Where a trace comes from. */
export interface TraceOrigin {
  readonly traceId: string;
  /** Whoever asks, where it says so. */
  readonly parent: TraceParent | undefined;
  /** What others say of the trace; "" = nothing. */
  readonly traceState: string;
}

/** An exchange's place in a trace that is not recorded: most are not, so that it does next to nothing. */
export class UnrecordedTrace implements Trace {
  readonly traceId: string;
  readonly #traceState: string;
  readonly #random: () => number;

  constructor({ traceId, traceState }: TraceOrigin, { random }: TraceTools) {
    this.traceId = traceId;
    this.#traceState = traceState;
    this.#random = random;
  }

  ask(headers: EditableFields): undefined {
    const { traceId } = this;
    const spanId = createSpanId(this.#random);
    tellServer(headers, { traceId, spanId, isSampled: false }, this.#traceState);
  }

  end(): void {}
}

/** An exchange's place in a trace that is recorded. */
export class ExchangeTrace implements Trace {
  readonly traceId: string;
  readonly #exchange: Exchange;
  readonly #origin: TraceOrigin;
  readonly #tools: TraceTools;
  readonly #spanId: string;
  #attempts = 0;

  constructor(exchange: Exchange, origin: TraceOrigin, tools: TraceTools) {
    this.traceId = origin.traceId;
    this.#exchange = exchange;
    this.#origin = origin;
    this.#tools = tools;
    this.#spanId = createSpanId(tools.random);
  }

  ask(headers: EditableFields, place: TracedPlace): AttemptSpan {
    const { traceId, traceState } = this.#origin;
    const spanId = createSpanId(this.#tools.random);
    tellServer(headers, { traceId, spanId, isSampled: true }, traceState);
    return this.#record(spanId, place);
  }

  end(endedMs: number, routePath: string): void {
    const { parent, traceId, traceState } = this.#origin;
    const exchange = this.#exchange;
    const span = writeSpan({
      kind: "server",
      name: nameSpan(exchange.method, routePath),
      traceId,
      spanId: this.#spanId,
      parentId: parent?.spanId ?? "",
      isParentRemote: parent !== undefined,
      traceState,
      startedAt: exchange.startedAt,
      durationMs: endedMs - exchange.startedMs,
      attributes: exchangeAttributes(exchange, routePath),
      isError: exchangeError(exchange) !== undefined,
    });
    this.#tools.add(span);
  }

  /** A mirror's copy goes out under the same trace, and is nobody's second attempt. */
  #record(spanId: string, place: TracedPlace): RecordedAttempt {
    const isCopy = place.exchange !== this.#exchange;
    const resendCount = isCopy ? 0 : this.#attempts++;
    const { traceId, traceState } = this.#origin;
    return new RecordedAttempt({
      ...this.#tools,
      exchange: this.#exchange,
      place,
      traceId,
      spanId,
      parentId: this.#spanId,
      traceState,
      resendCount,
      isCopy,
    });
  }
}

function tellServer(headers: EditableFields, parent: TraceParent, traceState: string): void {
  headers.set("traceparent", writeTraceparent(parent));
  if (traceState === "") headers.delete("tracestate");
  else headers.set("tracestate", traceState);
}
