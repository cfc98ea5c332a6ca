import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "../../../src/control/log.ts";
import { SpanExporter } from "../../../src/control/tracing/exporter.ts";
import { mostWaiting, SpanQueue } from "../../../src/control/tracing/span-queue.ts";
import { host } from "../../../src/runtime/current.ts";
import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { startCollector } from "../../kit/start-collector.ts";

const config = (otlp: string) =>
  ({ otlp, sample: 1, parent: "any", service: "headgate", headers: {} }) as const;

const span = JSON.stringify({ traceId: "a".repeat(32), spanId: "b".repeat(16), attributes: [], status: {} });

const spans = (count: number) => ({ count, text: Array.from({ length: count }, () => span).join(",") });

/** Waits between tries are over at once; a collector has its time to answer, and a long Retry-After is kept. */
function startExporter(): {
  readonly exporter: SpanExporter;
  readonly logs: string[];
  readonly waits: number[];
} {
  const logs: string[] = [];
  const waits: number[] = [];
  const after = (delayMs: number, run: () => void) => {
    const isWait = delayMs <= 30_000 && delayMs !== 10_000 && delayMs !== 3_000;
    if (isWait) waits.push(delayMs);
    return host.time.after(isWait ? 0 : delayMs, run);
  };
  const log = createLog({ write: (line) => void logs.push(line), now: () => 0 });
  const exporter = new SpanExporter({ host: { ...host, time: { ...host.time, after } }, log });
  return { exporter, logs, waits };
}

describe("An exporter", () => {
  test("sends what is there, and counts it", async (t) => {
    const collector = await startCollector(t);
    const { exporter } = startExporter();
    assert.equal(exporter.counts, undefined, "nothing is traced yet");
    exporter.follow(config(collector.url));
    exporter.take(spans(3));
    exporter.take(spans(2));
    await exporter.close();
    assert.equal(collector.spans().length, 5);
    assert.deepEqual(exporter.counts, { exported: 5, overflowed: 0, refused: 0 });
  });

  for (const status of [429, 502, 503, 504]) {
    test(`sends again what was answered with ${status}, a while later each time, and loses nothing`, async (t) => {
      const collector = await startCollector(t);
      const { exporter, logs, waits } = startExporter();
      collector.answerBy((response) => response.writeHead(status).end());
      exporter.follow(config(collector.url));
      exporter.take(spans(1));
      await eventually(() => collector.count() >= 2);
      exporter.take(spans(1));
      collector.answerBy(undefined);
      await eventually(() => collector.spans().length === 2);
      const [first = 0, second = 0] = waits;
      assert.ok(first >= 500 && first <= 1_000 && second >= 1_000 && second <= 2_000, `${first} ${second}`);
      await eventually(() => assert.match(logs.at(-1) ?? "", /traces are exported again/));
      assert.equal(logs.filter((line) => line.includes("cannot export traces")).length, 1);
      assert.match(logs[0] ?? "", new RegExp(`it answers ${status}`));
      await exporter.close();
    });
  }

  test("waits for as long as the collector says", async (t) => {
    const collector = await startCollector(t);
    const { exporter, waits } = startExporter();
    collector.answerBy((response) => response.writeHead(503, { "retry-after": "2" }).end());
    exporter.follow(config(collector.url));
    exporter.take(spans(1));
    await eventually(() => waits.length > 0);
    assert.equal(waits[0], 2_000);
    collector.answerBy(undefined);
    await exporter.close();
  });

  test("does not send again what the collector will never take, and says so", async (t) => {
    const collector = await startCollector(t);
    const { exporter, logs } = startExporter();
    collector.answerBy((response) => response.writeHead(400).end());
    exporter.follow(config(collector.url));
    exporter.take(spans(4));
    await exporter.close();
    assert.equal(collector.count(), 1);
    assert.deepEqual(exporter.counts, { exported: 0, overflowed: 0, refused: 4 });
    assert.match(logs.join(""), /spans are lost spans=4 reason="it answers 400"/);
  });

  test("counts what the collector leaves out of what it takes", async (t) => {
    const collector = await startCollector(t);
    const { exporter, logs } = startExporter();
    const partialSuccess = { rejectedSpans: "2", errorMessage: "too old" };
    collector.answerBy((response) => response.writeHead(200).end(JSON.stringify({ partialSuccess })));
    exporter.follow(config(collector.url));
    exporter.take(spans(3));
    await exporter.close();
    assert.deepEqual(exporter.counts, { exported: 1, overflowed: 0, refused: 2 });
    assert.match(logs.join(""), /spans=2 reason="too old"/);
  });

  test("is not kept by a collector that is away, and says what is lost with the program", async () => {
    const { exporter, logs } = startExporter();
    exporter.follow(config(`http://127.0.0.1:${await freePort()}`));
    exporter.take(spans(7));
    await eventually(() => logs.length === 1);
    const startedAt = performance.now();
    await exporter.close();
    assert.ok(performance.now() - startedAt < 2_500);
    assert.match(logs.join(""), /cannot export traces[^\n]+it cannot be reached/);
    assert.match(logs.at(-1) ?? "", /spans are lost spans=7/);
    assert.equal(exporter.counts?.overflowed, 7);
  });

  test("gives up a collector that hangs when the program ends", async (t) => {
    const collector = await startCollector(t);
    collector.answerBy(() => {}); // never
    const { exporter, logs } = startExporter();
    exporter.follow(config(collector.url));
    exporter.take(spans(2));
    await eventually(() => collector.count() === 1);
    const startedAt = performance.now();
    await exporter.close();
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > 2_000 && tookMs < 4_500, `${tookMs}`);
    assert.match(logs.at(-1) ?? "", /spans are lost spans=2/);
  });

  test("keeps so many while its collector is away, and tells of the others once", async (t) => {
    const collector = await startCollector(t);
    collector.answerBy((response) => response.writeHead(503, { "retry-after": "299" }).end());
    const { exporter, logs } = startExporter();
    exporter.follow(config(collector.url));
    exporter.take(spans(1));
    await eventually(() => collector.count() === 1);
    for (let i = 0; i < 20; i++) exporter.take(spans(1_024));
    const { overflowed = 0 } = exporter.counts ?? {};
    assert.equal(overflowed, 20 * 1_024 - mostWaiting.spans);
    assert.equal(logs.filter((line) => line.includes("spans are lost")).length, 1);
    collector.answerBy(undefined);
    await exporter.close();
    assert.equal(collector.spans().length, mostWaiting.spans + 1, "all that was kept arrives");
  });

  test("goes on with another collector when the configuration says so", async (t) => {
    const [one, other] = [await startCollector(t), await startCollector(t)];
    const { exporter } = startExporter();
    one.answerBy((response) => response.writeHead(503, { "retry-after": "299" }).end());
    exporter.follow(config(one.url));
    exporter.take(spans(1));
    await eventually(() => one.count() === 1);
    exporter.follow(config(other.url));
    await eventually(() => other.spans().length === 1);
    exporter.follow(undefined);
    exporter.take(spans(1));
    assert.equal(exporter.counts, undefined);
    await exporter.close();
    assert.equal(other.spans().length, 1);
  });
});

describe("The queue of spans", () => {
  test("gives them out in their order, so many at once as a collector takes", () => {
    const queue = new SpanQueue();
    for (let i = 0; i < 5; i++) assert.ok(queue.add({ count: 1_000, text: String(i) }));
    assert.deepEqual(queue.take(), { count: 2_000, text: "0,1" });
    assert.deepEqual(queue.take(), { count: 2_000, text: "2,3" });
    assert.equal(queue.count, 1_000);
    assert.deepEqual(queue.take(), { count: 1_000, text: "4" });
    assert.equal(queue.take(), undefined);
  });

  test("gives out one that is longer than a batch by itself", () => {
    const queue = new SpanQueue();
    queue.add({ count: 1, text: "x".repeat(2 * 1024 * 1024) });
    queue.add({ count: 1, text: "y" });
    assert.equal(queue.take()?.count, 1);
    assert.equal(queue.take()?.text, "y");
  });

  test("is full by its length too", () => {
    const queue = new SpanQueue();
    assert.ok(queue.add({ count: 1, text: "x".repeat(mostWaiting.length) }));
    assert.equal(queue.add({ count: 1, text: "y" }), false);
    assert.equal(queue.clear(), 1);
    assert.ok(queue.add({ count: 1, text: "y" }));
  });
});
