import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually, pause } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startRecordingServer } from "../../kit/record.ts";
import { readSpans, type ReceivedSpan } from "../../kit/start-collector.ts";
import { startPlaneFor, type TestPlane } from "../../kit/start-plane.ts";
import { startServer, startTcpServer } from "../../kit/start-server.ts";
import { openTalk } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { askSocket, startSocketServer } from "../web-socket/socket-peer.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

const isServer = ({ kind }: ReceivedSpan): boolean => kind === 2;
const isClient = ({ kind }: ReceivedSpan): boolean => kind === 3;

interface TracedPlane extends TestPlane {
  /** Waits for so many spans. */
  readonly spans: (count: number) => Promise<readonly ReceivedSpan[]>;
}

/** A plane that traces everything. */
async function startTraced(t: Teardown, config: Readonly<Record<string, unknown>>): Promise<TracedPlane> {
  const received: ReceivedSpan[] = [];
  const tracing = { otlp: "http://127.0.0.1:1", sample: "100%" };
  const takeSpans = ({ count, text }: { readonly count: number; readonly text: string }) => {
    const spans = readSpans(text);
    assert.equal(spans.length, count);
    received.push(...spans);
  };
  const plane = await startPlaneFor(t, { tracing, ...config }, { takeSpans });
  return { ...plane, spans: (count) => eventually(() => received.length >= count && received) };
}

function told({ attributes, status }: ReceivedSpan, ...names: readonly string[]): unknown[] {
  return [...names.map((name) => attributes[name]), status.code];
}

describe("The span", () => {
  test("of a mirror's copy is in the same trace, and no retry", async (t) => {
    const [app, shadow] = [await startRecordingServer(t), await startRecordingServer(t)];
    const plane = await startTraced(t, {
      upstreams: { app: { servers: [app.url] }, shadow: { servers: [shadow.url] } },
      routes: [{ path: "/*", upstream: "app", mirror: { upstream: "shadow" } }],
    });
    await (await fetch(plane.url, { headers: { traceparent } })).text();
    await eventually(() => shadow.heads.length > 0);
    const spans = await plane.spans(3);
    const [own, copy] = ["app", "shadow"].map((name) =>
      spans.find(({ attributes, kind }) => kind === 3 && attributes["headgate.upstream"] === name),
    );
    assert.equal(own?.attributes["headgate.mirror"], undefined);
    assert.deepEqual(copy && told(copy, "headgate.mirror", "http.request.resend_count"), [
      true,
      undefined,
      undefined,
    ]);
    assert.equal(shadow.last().get("traceparent"), `00-${traceId}-${copy?.spanId}-01`);
    assert.equal(copy?.parentSpanId, own?.parentSpanId);
  });

  test("of an attempt that a hedge outran is cut, and no error of the server's", async (t) => {
    const slow = await startServer(t, async (_, response) => {
      await pause(400);
      response.end("late");
    });
    const fast = await startServer(t);
    const servers = [
      { url: slow.url, name: "slow" },
      { url: fast.url, name: "fast", backup: true },
    ];
    const plane = await startTraced(t, proxyTo(servers, { hedge: "20ms" }));
    assert.equal(await (await fetch(plane.url)).text(), "ok");
    const attempts = (await plane.spans(3)).filter(isClient);
    const names = [
      "headgate.server",
      "headgate.cut",
      "http.request.resend_count",
      "http.response.status_code",
    ];
    assert.deepEqual(
      attempts
        .map((span) => told(span, ...names))
        .toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))),
      [
        ["fast", undefined, 1, 200, undefined],
        ["slow", "outrun", undefined, undefined, undefined],
      ],
    );
  });

  test("of a WebSocket lasts until it is closed", async (t) => {
    const upstream = await startSocketServer(t, {});
    const plane = await startTraced(t, proxyTo([upstream.url]));
    const client = await askSocket(t, plane.port);
    const server = await eventually(() => upstream.peers[0] ?? false);
    await pause(60);
    client.close(1000, "");
    await eventually(() => server.closed() !== undefined);
    const spans = await plane.spans(2);
    for (const span of spans) {
      assert.deepEqual(told(span, "http.response.status_code", "error.type"), [101, undefined, undefined]);
      const lastedMs = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
      assert.ok(lastedMs >= 50, `${lastedMs} ms`);
    }
    assert.deepEqual([spans.filter(isServer).length, spans.filter(isClient).length], [1, 1]);
  });

  test("says that the client left, which is nobody's error", async (t) => {
    const hang = await startServer(t, () => {});
    const plane = await startTraced(t, proxyTo([hang.url]));
    const client = await openTalk(t, plane.port);
    await client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await eventually(() => hang.count() === 1);
    client.socket.destroy();
    const spans = await plane.spans(2);
    assert.deepEqual(
      spans.filter(isServer).map((span) => told(span, "http.response.status_code", "error.type")),
      [[499, undefined, undefined]],
    );
    assert.deepEqual(
      spans.filter(isClient).map((span) => told(span, "headgate.cut", "error.type")),
      [["client_left", undefined, undefined]],
    );
  });

  test("says of an answer that broke off that it did, beside its status", async (t) => {
    const half = "x".repeat(100_000);
    const broken = await startTcpServer(t, (socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${half}`, () => socket.destroy());
      });
    });
    const plane = await startTraced(t, proxyTo([broken.url]));
    await assert.rejects(fetch(plane.url).then((response) => response.text()));
    const spans = await plane.spans(2);
    for (const span of spans) {
      const [status, error, code] = told(span, "http.response.status_code", "error.type");
      assert.deepEqual([status, code], [200, 2]);
      assert.match(String(error), /^(http_response_incomplete|connection_terminated)$/);
    }
  });

  test("of what we refuse ourselves names the refusal; a client's mistake is no error", async (t) => {
    const plane = await startTraced(t, { routes: [{ path: "/only", respond: { body: "hi" } }] });
    for (const path of ["/only", "/lost", "/%00"]) await (await fetch(plane.url + path)).text();
    const spans = await plane.spans(3);
    assert.deepEqual(
      spans.map(({ name }) => name),
      ["GET /only", "GET", "GET"],
    );
    assert.deepEqual(
      spans.map((span) => told(span, "http.response.status_code", "headgate.refusal", "error.type")),
      [
        [200, undefined, undefined, undefined],
        [404, "destination_not_found", undefined, undefined],
        [400, "http_request_error", undefined, undefined],
      ],
    );
  });
});

test("without tracing the fields of a trace pass untouched, and nothing is recorded", async (t) => {
  const app = await startRecordingServer(t);
  const plane = await startPlaneFor(t, proxyTo([app.url]), {
    takeSpans: () => assert.fail("nothing is traced"),
  });
  for (const fields of [{ traceparent, tracestate: "rojo=1" }, { traceparent: "what-others-write" }])
    await (await fetch(plane.url, { headers: fields })).text();
  await plane.settled(2);
  assert.deepEqual(
    app.heads.map((head) => [head.get("traceparent"), head.get("tracestate")]),
    [
      [traceparent, "rojo=1"],
      ["what-others-write", undefined],
    ],
  );
  assert.doesNotMatch(await plane.logText(), /traceId/);
});
