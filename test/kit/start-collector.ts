import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { startServer, type TestServer } from "./start-server.ts";
import type { Teardown } from "./teardown.ts";

/** One span as a collector reads it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags: number;
  readonly name: string;
  /** 2 = SERVER, 3 = CLIENT. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code?: number };
}

/** A collector of OpenTelemetry that keeps what it is sent. */
export interface TestCollector extends TestServer {
  /** Every span that it took. */
  readonly spans: () => readonly ReceivedSpan[];
  /** How many requests brought them. */
  readonly batches: () => number;
  /** Of whom the last spans were. */
  readonly resource: () => Readonly<Record<string, unknown>>;
  /** The last request's head. */
  readonly last: () => IncomingMessage | undefined;
  /** Answers like this from now on, without taking anything; undefined = takes again. */
  answerBy(answer: ((response: ServerResponse) => void) | undefined): void;
}

/** Starts a collector that speaks OTLP over HTTP in JSON. */
export async function startCollector(t: Teardown, port = 0): Promise<TestCollector> {
  const spans: ReceivedSpan[] = [];
  let answer: ((response: ServerResponse) => void) | undefined;
  let resource: Readonly<Record<string, unknown>> = {};
  let last: IncomingMessage | undefined;
  let batches = 0;
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    last = request;
    const body = await bodyOf(request);
    if (answer) return answer(response);
    batches++;
    for (const one of (JSON.parse(body) as OtlpRequest).resourceSpans) {
      resource = readAttributes(one.resource.attributes);
      spans.push(...one.scopeSpans.flatMap((scope) => scope.spans.map(readSpan)));
    }
    response.setHeader("content-type", "application/json");
    response.end("{}");
  }
  const server = await startServer(t, take, port);
  return {
    ...server,
    spans: () => spans,
    batches: () => batches,
    resource: () => resource,
    last: () => last,
    answerBy: (next) => (answer = next),
  };
}

/** Reads spans as a worker hands them on. */
export function readSpans(text: string): readonly ReceivedSpan[] {
  return (JSON.parse(`[${text}]`) as OtlpSpan[]).map(readSpan);
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

type OtlpSpan = Omit<ReceivedSpan, "attributes"> & { readonly attributes: readonly Attribute[] };

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

function readSpan(span: OtlpSpan): ReceivedSpan {
  return { ...span, attributes: readAttributes(span.attributes) };
}

function readAttributes(attributes: readonly Attribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue)),
    ]),
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return (request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
}
