import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

/** Modules of the page that need no browser; to the program they are texts. */
const folder = new URL("../../../../src/control/admin/dashboard/page/", import.meta.url);

async function load<T>(name: string): Promise<T> {
  return (await import(new URL(`${name}.js`, folder).href)) as T;
}

interface Point {
  readonly at: number;
  readonly requests: number | null;
  readonly errors: number | null;
  readonly p50: number | null;
}

interface Live {
  hear(status: object, at: number): void;
  pointsOf(key: string): readonly Point[];
  mean(key: string, count: number): { readonly requests: number; readonly errors: number };
}

const { LiveSeries, subjectKey } = await load<{
  LiveSeries: new () => Live;
  subjectKey: (upstream?: string, server?: string) => string;
}>("live-series");
const { pointsOfHistory } = await load<{
  pointsOfHistory: (history: object, now: number) => readonly Point[];
}>("stored-series");
const { waitAfter } = await load<{ waitAfter: (failures: number, chance: number) => number }>("backoff");
const { readEvents } = await load<{
  readEvents: (stream: ReadableStream<Uint8Array>) => AsyncGenerator<string>;
}>("read-events");
const format =
  await load<Record<"formatNumber" | "formatMs" | "formatShare" | "formatBytes", (value: number) => string>>(
    "format",
  );

/** A status of one upstream with these servers' requests. */
function statusOf(uptimeMs: number, requests: Readonly<Record<string, number>>) {
  const servers = Object.entries(requests).map(([name, count]) => ({
    name,
    requests: count,
    errors: count / 2,
    recentResponseTimeMs: { p50: 1, p95: 2, p99: 3 },
  }));
  return {
    uptimeMs,
    recentResponseTimeMs: null,
    upstreams: [{ name: "app", recentResponseTimeMs: null, servers }],
  };
}

describe("live series", () => {
  test("are numbers a second, of servers, upstreams and everything", () => {
    const series = new LiveSeries();
    series.hear(statusOf(10_000, { a: 100, b: 0 }), 1);
    series.hear(statusOf(12_000, { a: 120, b: 4 }), 2);
    assert.deepEqual(series.mean(subjectKey("app", "a"), 5), { requests: 10, errors: 5 });
    assert.deepEqual(series.mean(subjectKey("app"), 5), { requests: 12, errors: 6 });
    assert.deepEqual(series.mean(subjectKey(), 5), { requests: 12, errors: 6 });
    assert.equal(series.pointsOf(subjectKey("app", "a"))[0]?.p50, 1);
  });

  test("begin anew with a proxy that does, and show no numbers below 0", () => {
    const series = new LiveSeries();
    series.hear(statusOf(10_000, { a: 100 }), 1);
    series.hear(statusOf(1_000, { a: 0 }), 2);
    assert.deepEqual(series.pointsOf(subjectKey()), []);
    series.hear(statusOf(2_000, { a: 7 }), 3);
    series.hear(statusOf(3_000, { a: 5 }), 4);
    assert.deepEqual(
      series.pointsOf(subjectKey()).map(({ requests }) => requests),
      [7, 0],
    );
  });

  test("have a gap where nothing was heard", () => {
    const series = new LiveSeries();
    for (const [uptimeMs, at] of [
      [1_000, 1_000],
      [2_000, 2_000],
      [62_000, 62_000],
    ] as const)
      series.hear(statusOf(uptimeMs, { a: uptimeMs }), at);
    assert.deepEqual(
      series.pointsOf(subjectKey()).map(({ at, requests }) => [at, requests]),
      [
        [2_000, 1_000],
        [61_000, null],
        [62_000, 1_000],
      ],
    );
  });

  test("forget servers that are gone, and all but five minutes", () => {
    const series = new LiveSeries();
    for (let second = 1; second <= 400; second++) series.hear(statusOf(second * 1000, { a: second }), second);
    assert.equal(series.pointsOf(subjectKey("app", "a")).length, 300);
    series.hear(statusOf(401_000, { b: 1 }), 401);
    assert.deepEqual(series.pointsOf(subjectKey("app", "a")), []);
  });
});

describe("stored series", () => {
  const minute = (at: number, requests: number) => ({ at, requests, errors: 0, p50: 1, p95: 1, p99: 1 });
  const stepMs = 60_000;

  test("are numbers a second, of the running minute too", () => {
    const points = [minute(0, 120), minute(stepMs, 30)];
    assert.deepEqual(
      pointsOfHistory({ stepMs, points }, stepMs + 15_000).map(({ requests }) => requests),
      [2, 2],
    );
  });

  test("are zero in minutes in which nothing happened, without times", () => {
    const points = [minute(0, 60), minute(5 * stepMs, 60), minute(7 * stepMs, 60)];
    assert.deepEqual(
      pointsOfHistory({ stepMs, points }, 100 * stepMs).map(({ at, requests, p50 }) => [
        at / stepMs,
        requests,
        p50,
      ]),
      [
        [0, 1, 1],
        [1, 0, null],
        [4, 0, null],
        [5, 1, 1],
        [6, 0, null],
        [7, 1, 1],
      ],
    );
  });
});

test("a lost page comes back later and later, but within half a minute, and not all pages at once", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 60].map((failures) => waitAfter(failures, 0)),
    [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, chance) => {
        const waitMs = waitAfter(failures, chance);
        assert.ok(waitMs > 600 && waitMs <= waitAfter(failures, 0));
      },
    ),
  );
});

test("events are read whatever pieces they come in", async () => {
  const texts = fc.array(fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)));
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (events, size) => {
      const bytes = new TextEncoder().encode(events.map((event) => `data: ${event}\n\n`).join(""));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.slice(at * size, (at + 1) * size),
      );
      const heard: string[] = [];
      for await (const event of readEvents(streamOf(pieces))) heard.push(event);
      assert.deepEqual(heard, events);
    }),
  );
});

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

describe("numbers are written", () => {
  const plain = (text: string) => text.replaceAll("\u00a0", " ");
  const cases = {
    formatNumber: [
      [0, "0"],
      [0.25, "0.25"],
      [3.14, "3.1"],
      [42.4, "42"],
      [9999, "9999"],
      [12_345, "12 k"],
      [1_234_567, "1.2 M"],
    ],
    formatMs: [
      [0, "0 ms"],
      [0.0531, "0.053 ms"],
      [3.14, "3.1 ms"],
      [312.4, "312 ms"],
      [999.6, "1.00 s"],
      [12_340, "12.3 s"],
    ],
    formatShare: [
      [0, "0 %"],
      [0.0002, "< 0.1 %"],
      [0.0123, "1.2 %"],
      [1, "100 %"],
    ],
    formatBytes: [
      [0, "0 B"],
      [1023, "1023 B"],
      [1536, "1.5 KiB"],
      [5 * 1024 ** 3, "5 GiB"],
    ],
  } as const;
  for (const [name, pairs] of Object.entries(cases)) {
    test(`by ${name} with as many digits as count`, () => {
      for (const [value, text] of pairs) assert.equal(plain(format[name as keyof typeof cases](value)), text);
    });
  }
});
