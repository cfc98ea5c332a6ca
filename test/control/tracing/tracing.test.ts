import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createApp } from "../../../src/library.ts";
import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startRecordingServer } from "../../kit/record.ts";
import { type ReceivedSpan, startCollector, type TestCollector } from "../../kit/start-collector.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const sampled = `00-${traceId}-${spanId}-01`;
const unsampled = `00-${traceId}-${spanId}-00`;

const server = 2;
const client = 3;

const quiet = { storage: false, accessLog: { format: "off" } };

function traced(collector: TestCollector, sample = "100%"): object {
  return { ...quiet, tracing: { otlp: collector.url, sample } };
}

function spansOf(collector: TestCollector, count: number): Promise<readonly ReceivedSpan[]> {
  return eventually(() => collector.spans().length >= count && collector.spans(), 10_000);
}

describe("A traced exchange", () => {
  test("is a span by the conventions for HTTP servers, and each attempt one by those for clients", async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const proxy = await startProxy(t, { ...traced(collector), ...proxyTo([{ url: app.url, name: "one" }]) });
    await (await fetch(`${proxy.url}/a%20b?q=1&sig=secret`, { headers: { "user-agent": "tests" } })).text();
    const spans = await spansOf(collector, 2);
    const [exchange, attempt] = [ofKind(spans, server), ofKind(spans, client)];
    const { "client.address": address, "headgate.request_id": requestId, ...told } = exchange.attributes;
    assert.deepEqual([exchange.name, exchange.status, address], ["GET /*", {}, "127.0.0.1"]);
    assert.equal(requestId, app.last().get("x-request-id"));
    assert.equal(exchange.traceId, requestId, "whoever has an error page's id has the trace");
    assert.deepEqual(told, {
      "http.request.method": "GET",
      "url.scheme": "http",
      "url.path": "/a%20b",
      "url.query": "q=1&sig=REDACTED",
      "http.route": "/*",
      "server.address": "127.0.0.1",
      "server.port": proxy.port,
      "network.peer.address": "127.0.0.1",
      "user_agent.original": "tests",
      "http.response.status_code": 200,
      "http.response.body.size": 2,
      "headgate.listener": "web",
      "headgate.route": "all",
      "headgate.upstream": "app",
    });
    assert.deepEqual([attempt.name, attempt.status, attempt.parentSpanId], ["GET", {}, exchange.spanId]);
    assert.deepEqual(attempt.attributes, {
      "http.request.method": "GET",
      "url.full": `${app.url}/a%20b?q=1&sig=REDACTED`,
      "server.address": "127.0.0.1",
      "server.port": app.port,
      "http.response.status_code": 200,
      "http.response.body.size": 2,
      "headgate.upstream": "app",
      "headgate.server": "one",
    });
    assert.equal(
      app.last().get("traceparent"),
      `00-${exchange.traceId}-${attempt.spanId}-01`,
      "the server works for the attempt",
    );
    assert.equal(exchange.parentSpanId, undefined);
    assertWithin(attempt, exchange);
  });

  test("says of whom it is, and goes where the configuration says", async (t) => {
    const collector = await startCollector(t);
    const proxy = await startProxy(t, {
      ...quiet,
      tracing: {
        otlp: collector.url.replace("//", "//me:p%40ss@"),
        sample: "100%",
        service: "front",
        headers: { "x-team": "key-1" },
      },
      routes: [{ path: "/*", respond: { body: "hi" } }],
    });
    await (await fetch(proxy.url)).text();
    const [span] = await spansOf(collector, 1);
    assert.equal(span?.attributes["http.response.status_code"], 200);
    const { "service.name": name, "process.runtime.name": runtime } = collector.resource();
    assert.deepEqual([name, runtime], ["front", "Deno" in globalThis ? "deno" : "bun"]);
    const last = collector.last();
    assert.deepEqual(
      [last?.url, ...["content-type", "x-team", "authorization"].map((name) => last?.headers[name])],
      ["/v1/traces", "application/json", "key-1", `Basic ${btoa("me:p@ss")}`],
    );
    const config = await (await fetch(`${proxy.adminUrl}/api/config`)).text();
    assert.doesNotMatch(config + proxy.logs(), /key-1|p%40ss|p@ss/);
  });

  test("goes on with the caller's trace, and with what others say of it", async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const proxy = await startProxy(t, { ...traced(collector, "0%"), ...proxyTo([app.url]) });
    const tracestate = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
    await (await fetch(proxy.url, { headers: { traceparent: sampled, tracestate } })).text();
    const spans = await spansOf(collector, 2);
    const [exchange, attempt] = [ofKind(spans, server), ofKind(spans, client)];
    assert.deepEqual([exchange.traceId, exchange.parentSpanId], [traceId, spanId]);
    assert.deepEqual([exchange.traceState, attempt.traceState], [tracestate, tracestate]);
    assert.deepEqual([exchange.flags, attempt.flags], [0x3_01, 0x1_01], "only the caller is another program");
    assert.equal(app.last().get("traceparent"), `00-${traceId}-${attempt.spanId}-01`);
    assert.equal(app.last().get("tracestate"), tracestate);
  });

  test("is not recorded where the caller does not record it, and its server is told so", async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const proxy = await startProxy(t, { ...traced(collector), ...proxyTo([app.url]) });
    await (await fetch(proxy.url, { headers: { traceparent: unsampled } })).text();
    await (await fetch(`${proxy.url}/after`)).text();
    const spans = await spansOf(collector, 2);
    assert.deepEqual(
      [...new Set(spans.map(({ attributes }) => attributes["url.path"] ?? "/after"))],
      ["/after"],
    );
    assert.match(
      app.heads[0]?.get("traceparent") ?? "",
      new RegExp(`^00-${traceId}-(?!${spanId})[\\da-f]{16}-00$`),
    );
  });

  test("begins anew where the caller's fields cannot be read", async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const proxy = await startProxy(t, { ...traced(collector), ...proxyTo([app.url]) });
    const malformed = sampled.toUpperCase().replace("01", "0G");
    await (await fetch(proxy.url, { headers: { traceparent: malformed, tracestate: "rojo=1" } })).text();
    const exchange = ofKind(await spansOf(collector, 2), server);
    assert.notEqual(exchange.traceId, traceId);
    assert.match(app.last().get("traceparent") ?? "", new RegExp(`^00-${exchange.traceId}-`));
    assert.equal(app.last().get("tracestate"), undefined);
    await (await fetch(proxy.url, { headers: { traceparent: sampled, tracestate: "no state" } })).text();
    assert.equal(app.last().get("tracestate"), undefined);
    assert.match(app.last().get("traceparent") ?? "", new RegExp(`^00-${traceId}-`));
  });

  test("goes on with nobody's trace whom it was not told to trust", async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const listen = (trustedProxies: readonly string[]) => ({ bind: "127.0.0.1:0", trustedProxies });
    const proxy = await startProxy(t, {
      ...quiet,
      listeners: { inner: listen(["127.0.0.0/8"]), outer: listen([]) },
      tracing: { otlp: collector.url, sample: "100%", parent: "trusted" },
      ...proxyTo([app.url]),
    });
    for (const name of ["inner", "outer"])
      await (await fetch(`${proxy.urls[name]}/${name}`, { headers: { traceparent: sampled } })).text();
    const spans = (await spansOf(collector, 4)).filter(({ kind }) => kind === server);
    assert.deepEqual(
      spans.map((span) => [span.attributes["url.path"], span.traceId === traceId, span.parentSpanId]),
      [
        ["/inner", true, spanId],
        ["/outer", false, undefined],
      ],
    );
    assert.doesNotMatch(app.last().get("traceparent") ?? "", new RegExp(traceId));
  });

  test("tells every attempt apart, and why it failed", async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const gone = `http://127.0.0.1:${await freePort()}`;
    const sick = await startServer(t, (_, response) => response.writeHead(503).end("sick"));
    const proxy = await startProxy(t, {
      ...traced(collector),
      ...proxyTo(
        [
          { url: gone, name: "gone" },
          { url: sick.url, name: "sick" },
          { url: app.url, name: "well", backup: true },
        ],
        {
          retry: { attempts: 2, budget: "100%", backoff: "0ms" },
        },
      ),
    });
    await (await fetch(proxy.url)).text();
    const spans = await spansOf(collector, 4);
    const attempts = spans.filter(({ kind }) => kind === client);
    assert.deepEqual(
      attempts.map(({ attributes, status }) => [
        attributes["headgate.server"],
        attributes["http.request.resend_count"],
        attributes["http.response.status_code"],
        attributes["error.type"],
        status.code,
      ]),
      [
        ["gone", undefined, undefined, "connection_refused", 2],
        ["sick", 1, 503, "503", 2],
        ["well", 2, 200, undefined, undefined],
      ],
    );
    assert.equal(new Set(attempts.map((span) => span.spanId)).size, 3);
    assert.deepEqual(ofKind(spans, server).status, {}, "the client saw nothing of it");
  });

  test("says why no server answered, in the words of RFC 9209", async (t) => {
    const collector = await startCollector(t);
    const proxy = await startProxy(t, {
      ...traced(collector),
      ...proxyTo([`http://127.0.0.1:${await freePort()}`]),
    });
    await (await fetch(proxy.url, { method: "POST", body: "abc" })).text();
    await (await fetch(proxy.url, { method: "PROPFIND" })).text();
    const spans = (await spansOf(collector, 4)).filter(({ kind }) => kind === server);
    assert.deepEqual(
      spans.map(({ name, status, attributes }) => [
        name,
        status.code,
        attributes["http.response.status_code"],
        attributes["error.type"],
        attributes["http.request.method"],
        attributes["http.request.method_original"],
      ]),
      [
        ["POST /*", 2, 502, "connection_refused", "POST", undefined],
        ["HTTP /*", 2, 502, "connection_refused", "_OTHER", "PROPFIND"],
      ],
    );
  });

  test("has its trace in the access log", async (t) => {
    const collector = await startCollector(t);
    const proxy = await startProxy(t, {
      ...traced(collector),
      accessLog: { format: "json" },
      routes: [{ path: "/*", respond: { body: "hi" } }],
    });
    await (await fetch(proxy.url, { headers: { traceparent: sampled } })).text();
    await eventually(() => assert.match(proxy.output(), new RegExp(`"traceId":"${traceId}"`)));
  });
});

test("A collector that is away costs no request anything, is told of, and may come with a reload", async (t) => {
  const port = await freePort();
  const app = await startRecordingServer(t);
  const config = { ...quiet, ...proxyTo([app.url]) };
  const proxy = await startProxy(t, config);
  const metric = async (name: string): Promise<number | undefined> => {
    const text = await (await fetch(`${proxy.adminUrl}/metrics`)).text();
    const line = text.split("\n").find((one) => one.startsWith(name));
    return line === undefined ? undefined : Number(line.split(" ").at(-1));
  };
  assert.equal(await metric("headgate_spans_exported_total"), undefined);
  await proxy.configure({ ...config, tracing: { otlp: `http://127.0.0.1:${port}`, sample: "100%" } });
  proxy.signal("SIGHUP");
  await eventually(() => assert.match(proxy.logs(), /reloaded .*tracing changed/));
  for (let i = 0; i < 10; i++) assert.equal((await fetch(proxy.url)).status, 200);
  await eventually(() => assert.match(proxy.logs(), /cannot export traces.* reason="it cannot be reached"/));
  assert.equal(await metric("headgate_spans_exported_total"), 0);
  const collector = await startCollector(t, port);
  await eventually(async () => (await metric("headgate_spans_exported_total")) === 20, 15_000);
  assert.equal(collector.spans().length, 20);
  assert.equal(await metric('headgate_spans_dropped_total{reason="overflow"}'), 0);
  assert.match(proxy.logs(), /traces are exported again/);
});

test("An app that a program mounts is traced too, to the last exchange", async (t) => {
  const collector = await startCollector(t);
  const app = await createApp({
    tracing: { otlp: collector.url, sample: "100%" },
    accessLog: { format: "off" },
    routes: [{ path: "/*", respond: { body: "hi" } }],
  });
  await (await app.fetch(new Request("http://example.test/a"))).text();
  await app.close();
  assert.deepEqual(
    collector.spans().map(({ name, attributes }) => [name, attributes["url.path"]]),
    [["GET /*", "/a"]],
  );
});

for (const workers of [1, 2]) {
  test(`Of all exchanges the chosen share is recorded, whole, by ${workers} workers`, async (t) => {
    const collector = await startCollector(t);
    const app = await startRecordingServer(t);
    const proxy = await startProxy(t, { ...traced(collector, "50%"), workers, ...proxyTo([app.url]) });
    const requests = Array.from({ length: 400 }, () => fetch(proxy.url, { keepalive: false }));
    for (const response of await Promise.all(requests)) await response.text();
    assert.equal(await proxy.stop(), 0);
    const forwarded = app.heads.map((head) => head.get("traceparent") ?? "");
    const chosen = forwarded.filter((field) => field.endsWith("-01"));
    assert.ok(chosen.length > 120 && chosen.length < 280, `${chosen.length} of 400`);
    const attempts = collector.spans().filter(({ kind }) => kind === client);
    assert.deepEqual(
      attempts.map((span) => `00-${span.traceId}-${span.spanId}-01`).toSorted(),
      chosen.toSorted(),
      "what servers were told is what was recorded, none lost at the end",
    );
    assert.equal(collector.spans().length, attempts.length * 2);
    assert.ok(collector.batches() < 30, `${collector.batches()} batches`);
  });
}

function ofKind(spans: readonly ReceivedSpan[], kind: number): ReceivedSpan {
  const found = spans.find((span) => span.kind === kind);
  assert.ok(found);
  return found;
}

/** Nothing begins before its parent, or ends after it. */
function assertWithin(inner: ReceivedSpan, outer: ReceivedSpan): void {
  const [from, to] = [BigInt(outer.startTimeUnixNano), BigInt(outer.endTimeUnixNano)];
  const [start, end] = [BigInt(inner.startTimeUnixNano), BigInt(inner.endTimeUnixNano)];
  assert.ok(from <= start && start < end && end <= to, `${from} ${start} ${end} ${to}`);
  assert.ok(Math.abs(Number(from / 1_000_000n) - Date.now()) < 60_000);
}
