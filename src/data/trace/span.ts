/** What a span says of an exchange or an attempt; what is undefined or empty is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** One piece of work in a trace, when it is over. */
export interface Span {
  readonly kind: "server" | "client";
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** "" for the first of its trace. */
  readonly parentId: string;
  /** Whether the parent is another program's. */
  readonly isParentRemote: boolean;
  /** What others have to say about the trace, as it came; "" = nothing. */
  readonly traceState: string;
  /** Wall clock, ms since 1970, with fractions. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
}

/**
 * Writes a span in the JSON form of OTLP.
 *
 * Source: opentelemetry-proto, `trace/v1/trace.proto`, and "JSON Protobuf Encoding" of the OTLP specification: ids in
 * hexadecimal, enumerations and 64-bit numbers as there.
 */
export function writeSpan(span: Span): string {
  return JSON.stringify({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== "" && { parentSpanId: span.parentId }),
    ...(span.traceState !== "" && { traceState: span.traceState }),
    flags: sampled | knowsRemote | (span.isParentRemote ? isRemote : 0),
    name: span.name,
    kind: span.kind === "server" ? 2 : 3,
    startTimeUnixNano: toNanos(span.startedAt),
    endTimeUnixNano: toNanos(span.startedAt + span.durationMs),
    attributes: writeAttributes(span.attributes),
    status: span.isError ? { code: 2 } : {},
  });
}

/** Attributes in the JSON form of OTLP. */
export function writeAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [{ key, value: writeValue(value) }],
  );
}

const sampled = 0x1;
const knowsRemote = 0x1_00;
const isRemote = 0x2_00;

function writeValue(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** A number has not digits enough for the nanoseconds since 1970. */
function toNanos(atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  const nanos = Math.round((atMs - seconds * 1000) * 1e6);
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
}
