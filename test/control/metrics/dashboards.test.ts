import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";

import { createBoard, openBoard } from "../../../src/board/board.ts";
import { collectMetrics } from "../../../src/control/metrics/collect.ts";
import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { createSnapshot } from "../../../src/control/configuration/reloader.ts";
import { createServerRows } from "../../../src/control/servers/server-rows.ts";

const root = join(import.meta.dirname, "../../..");

const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Every metric that there can be, those without a number at this moment included, with its type. */
async function knownMetrics(): Promise<ReadonlyMap<string, string>> {
  const value = { listeners: { web: { bind: ":0" } }, routes: [{ path: "/*", respond: {} }] };
  const config = await readConfig({ value }, { env: {}, lacks: new Set() });
  assert.ok("config" in config);
  const board = openBoard(createBoard({ capacity: 4, workers: 1 }), "control");
  const snapshot = createSnapshot(config, createServerRows(board), { version: 1, stickySecret: "s" });
  const metrics = collectMetrics({
    version: "0",
    runtime: { name: "bun", version: "0" },
    isReady: true,
    running: { read: config, snapshot, loadedAt: 0 },
    reloads: { succeeded: 0, failed: 0, problems: [] },
    workerCount: 1,
    board,
    discovery: { statusOf: () => undefined },
    storage: { path: null, state: "off", error: null },
    cluster: {
      node: "a",
      connected: true,
      store: "redis://store",
      error: null,
      sinceMs: 0,
      ignored: 0,
      exchanges: { succeeded: 0, failed: 0 },
      exchangeMs: 0,
      leases: 0,
      nodes: [],
    },
    spans: { exported: 0, overflowed: 0, refused: 0 },
    nowMs: 0,
  });
  return new Map(metrics.map(({ name, type }) => [name, type]));
}

const known = await knownMetrics();

function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:headgate|process)_[a-z_]+/g))].map((name) =>
    known.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ""),
  );
}

/** Every expression of a Grafana dashboard or of Prometheus' rules. */
function expressionsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "expr" || key === "query"
      ? [inner].filter((text) => typeof text === "string")
      : expressionsIn(inner),
  );
}

const labels = new Set([
  "instance",
  "route",
  "upstream",
  "server",
  "code",
  "le",
  "quantile",
  "reason",
  "worker",
  "listener",
  "result",
]);

for (const [path, content] of [
  ["deploy/grafana/dashboard.json", JSON.parse(read("deploy/grafana/dashboard.json"))],
  ["deploy/grafana/alerts.yaml", parse(read("deploy/grafana/alerts.yaml"))],
] as const) {
  describe(path, () => {
    const expressions = expressionsIn(content);

    test("names only metrics that there are", () => {
      assert.ok(expressions.length > 10);
      assert.deepEqual(
        expressions.flatMap(namesIn).filter((name) => !known.has(name)),
        [],
      );
    });

    test("names only labels that there are, and balances its brackets", () => {
      for (const expression of expressions) {
        const used = [...expression.matchAll(/(\w+)=~?"|by \(([^)]*)\)/g)].flatMap(([, one, several]) =>
          one === undefined ? (several ?? "").split(/,\s*/) : [one],
        );
        assert.deepEqual(
          used.filter((label) => !labels.has(label)),
          [],
          expression,
        );
        for (const [open, close] of ["()", "{}", "[]"])
          assert.equal(expression.split(open!).length, expression.split(close!).length, expression);
      }
    });
  });
}

test("docs/metrics.md has every metric, with its type, and no other", () => {
  const rows = [...read("docs/metrics.md").matchAll(/^\| `([a-z_]+)(?:\{[^}]*\})?` \| (\w+) \|/gm)];
  const told = Object.fromEntries(rows.map(([, name = "", type = ""]) => [name, type]));
  assert.deepEqual(told, Object.fromEntries(known));
});
