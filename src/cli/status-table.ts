import { describeProblem } from "../config/problem.ts";
import { describeCluster } from "./describe-cluster.ts";
import type { ServerStatus, Status, UpstreamStatus } from "./read-status.ts";

/** What the table is drawn from: the status, and where there is one, the status a while before. */
export interface StatusView {
  readonly now: Status;
  readonly before?: Status | undefined;
}

const heading = [
  "server",
  "state",
  "weight",
  "inflight",
  "requests",
  "req/s",
  "errors",
  "p50",
  "p95",
  "p99",
  "load",
];

/** The status as a table for a terminal. */
export function drawStatus({ now, before }: StatusView): string {
  const { version, ready, uptimeMs, workers, config } = now;
  const top = [
    `headgate ${version}`,
    ready ? "ready" : "not ready",
    `up ${describeDuration(uptimeMs)}`,
    `${workers} ${workers === 1 ? "worker" : "workers"}`,
    config.path,
  ].join("  ");
  const warning = describeWarnings(now);
  const rowsOf = (upstream: UpstreamStatus) =>
    upstream.servers.map((server) => describeServer(server, rateOf(upstream.name, server, { now, before })));
  const table = align([heading, ...now.upstreams.flatMap(rowsOf)]);
  let line = 1;
  const groups = now.upstreams.map(({ name, balance, servers }) => {
    const lines = table.slice(line, line + servers.length);
    line += servers.length;
    return [`${name}  (${balance})`, ...lines.map((text) => `  ${text}`)].join("\n");
  });
  return `${top}\n${warning}\n  ${table[0] ?? ""}\n${groups.join("\n")}\n`;
}

/** What does not stand as it should, a line each, and who else is there. */
function describeWarnings({ config, storage, cluster }: Status): string {
  const [first] = config.problems;
  const older =
    first && `an older configuration runs, since the file cannot be used: ${describeProblem(first)}\n`;
  const unstored = storage.error === null ? "" : `nothing is stored: ${storage.error}\n`;
  return `${older ?? ""}${unstored}${describeCluster(cluster)}`;
}

/** A star marks what a person set in the place of what is configured. */
function describeServer(server: ServerStatus, rate: string): string[] {
  const { override, responseTimeMs: times } = server;
  return [
    server.name + (server.backup ? " (backup)" : ""),
    marked(server.state, override?.state),
    marked(server.weight, override?.weight),
    String(server.inflight),
    String(server.requests),
    rate,
    `${(server.errorRate * 100).toFixed(1)} %`,
    ...[times?.p50, times?.p95, times?.p99].map(describeMs),
    server.load === null ? "-" : String(server.load),
  ];
}

function marked(value: string | number, said: unknown): string {
  return said === undefined ? String(value) : `${value}*`;
}

function rateOf(upstream: string, server: ServerStatus, { now, before }: StatusView): string {
  const group = before?.upstreams.find(({ name }) => name === upstream);
  const earlier = group?.servers.find(({ name }) => name === server.name);
  if (!before || !earlier) return "-";
  const seconds = (now.uptimeMs - before.uptimeMs) / 1000;
  return seconds > 0 ? Math.max(0, (server.requests - earlier.requests) / seconds).toFixed(1) : "-";
}

/** Names and states to the left, numbers to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) =>
        column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function describeMs(ms: number | undefined): string {
  if (ms === undefined) return "-";
  return ms < 999.5 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}

function describeDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown.map(([count, unit]) => `${count}${unit}`).join(" ");
}
