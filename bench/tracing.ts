/**
 * What it costs to record an exchange with one attempt, and to decide not to: `bun run bench/tracing.ts`, and the same on Deno.
 */
import process from "node:process";
import { parseConfigValue } from "../src/config/load.ts";
import { Exchange } from "../src/data/exchange/exchange.ts";
import { SpanBatch } from "../src/data/trace/span-batch.ts";
import { createTracer, type Tracer } from "../src/data/trace/tracer.ts";
import { createRequestId } from "../src/http/request-id.ts";
import { host } from "../src/runtime/current.ts";

const rounds = 20_000;

const place = {
  startedMs: 1,
  upstream: { name: "app" },
  server: { name: "one", origin: "http://127.0.0.1:9001", hostname: "127.0.0.1", port: 9001 },
};

const request = new Request("http://example.com/a", { headers: { "user-agent": "bench" } });

for (const sample of ["100%", "0%"]) {
  const tracer = tracerOf(sample);
  for (let i = 0; i < rounds; i++) follow(tracer); // until it is compiled
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) follow(tracer);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(
    `sample ${sample.padEnd(5)} ${((user + system) / rounds).toFixed(1)} µs of CPU an exchange\n`,
  );
}
process.exit();

function tracerOf(sample: string): Tracer {
  const loaded = parseConfigValue({
    routes: [{ path: "/*", respond: {} }],
    listeners: { web: { bind: ":8080" } },
    tracing: { otlp: "http://127.0.0.1:4318", sample },
  });
  const tracer =
    "config" in loaded && createTracer(loaded.config, { host, spans: new SpanBatch(() => {}, host.time) });
  if (!tracer) throw new Error("Cannot measure: the configuration is refused");
  return tracer;
}

function follow(tracer: Tracer): void {
  const exchange = arrive();
  tracer.begin(exchange);
  const span = exchange.trace?.ask(new Headers([...exchange.headers]), { ...place, exchange });
  span?.note(200);
  span?.end(0, 2);
  tracer.end(exchange, 5);
}

function arrive(): Exchange {
  return new Exchange({
    request,
    connection: undefined,
    listener: "web",
    peer: "192.0.2.1",
    isPeerTrusted: false,
    client: "192.0.2.1",
    scheme: "http",
    authority: { host: "example.com", port: undefined },
    written: "example.com",
    target: { path: "/a", matchPath: "/a", query: "" },
    refusal: undefined,
    requestId: createRequestId(host.random),
    startedAt: host.time.now(),
    startedMs: 1,
  });
}
