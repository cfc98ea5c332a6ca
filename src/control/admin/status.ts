import type { Board } from "../../board/board.ts";
import type { Quantiles } from "../../board/histogram.ts";
import type { RowReading } from "../../board/reading.ts";
import { refusalCounter, refusalReasons } from "../../board/refusal-reasons.ts";
import type { Problem } from "../../config/problem.ts";
import type { ListenerConfig, ServerConfig, UpstreamConfig } from "../../config/config.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import { earliestEnd } from "../certificates/earliest-end.ts";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { HealthSupervisor } from "../health/supervisor.ts";
import { redactUserinfo } from "../log.ts";
import type { Overrides, ServerName } from "../servers/overrides.ts";
import type { RunningConfig } from "../configuration/reloader.ts";
import type { StorageStatus } from "../storage/storage.ts";

/** What the status is told from. */
export interface StatusSource {
  readonly version: string;
  readonly uptimeMs: number;
  readonly isReady: boolean;
  readonly running: RunningConfig;
  /** What is wrong with the configuration that was read last. */
  readonly problems: readonly Problem[];
  readonly workerCount: number;
  readonly board: Board;
  readonly health: Pick<HealthSupervisor, "healthOf">;
  readonly discovery: Pick<Discovery, "statusOf">;
  readonly overrides: Overrides;
  readonly storage: StorageStatus;
  /** How it stands with the other nodes; null without a cluster. */
  readonly cluster: ClusterStatus | null;
  readonly nowMs: number;
}

/** All that `GET /api/status` says: times in ms, sizes in bytes. */
export function describeStatus(source: StatusSource) {
  const { read, snapshot, loadedAt } = source.running;
  return {
    version: source.version,
    uptimeMs: Math.round(source.uptimeMs),
    ready: source.isReady,
    config: { path: read.path, hash: read.hash, loadedAt, problems: source.problems },
    workers: source.workerCount,
    listeners: Object.entries(snapshot.config.listeners).map(([name, listener]) =>
      describeListener(name, listener, snapshot.files),
    ),
    upstreams: Object.entries(snapshot.config.upstreams).map(([name, upstream]) =>
      describeUpstream(name, upstream, source),
    ),
    ...describeRecent(Object.values(snapshot.rows).flatMap(Object.values<number>), source),
    ...describeTraffic(source.board),
    cluster: source.cluster,
    storage: source.storage,
  };
}

function describeListener(name: string, { bind, tls }: ListenerConfig, files: Snapshot["files"]) {
  if (tls === undefined) return { name, bind, tls: false };
  return { name, bind, tls: true, certificatesEndAt: earliestEnd(tls, files) };
}

function describeUpstream(name: string, upstream: UpstreamConfig, source: StatusSource) {
  const { balance, servers } = upstream;
  const discovery = source.discovery.statusOf(name, upstream);
  const rows = Object.values(source.running.snapshot.rows[name] ?? {});
  return {
    name,
    balance,
    ...(discovery && { discovery }),
    ...describeRecent(rows, source),
    servers: servers.map((server) => describeOne(name, server, source)),
  };
}

/** A running slot of 10 seconds and the one before it. */
const RECENT_MS = 20_000;

function describeRecent(rows: readonly number[], { board, nowMs }: StatusSource) {
  return { recentResponseTimeMs: describeQuantiles(board.quantilesOf(rows, nowMs, RECENT_MS) ?? null) };
}

/** What happens before a server is asked. */
function describeTraffic(board: Board) {
  const refused = refusalReasons.map((reason) => [reason, board.counter(refusalCounter(reason))]);
  return {
    inflight: board.exchanges(),
    waiting: board.waiting(),
    refused: Object.fromEntries(refused) as Record<(typeof refusalReasons)[number], number>,
  };
}

/** One server as the status has it; undefined where the configuration does not have it. */
export function describeNamed({ upstream, server }: ServerName, source: StatusSource): object | undefined {
  const { servers = [] } = source.running.snapshot.config.upstreams[upstream] ?? {};
  const config = servers.find(({ name }) => name === server);
  return config && describeOne(upstream, config, source);
}

function describeOne(upstream: string, config: ServerConfig, source: StatusSource) {
  const { running, board, overrides, nowMs } = source;
  const row = running.snapshot.rows[upstream]?.[config.name] ?? 0;
  const override = overrides.of({ upstream, server: config.name }) ?? null;
  return {
    ...describeServer(config, board.readRow(row, nowMs)),
    ...describeRecent([row], source),
    trial: describeTrial(row, source),
    configured: { weight: config.weight },
    override,
  };
}

/** How far an ejected server is from being tried again; null for servers that are not ejected. */
function describeTrial(row: number, { board, health, nowMs }: StatusSource) {
  const passive = health.healthOf(row)?.passive;
  if (board.state(row) !== "ejected" || passive === undefined || passive.state === "serving") return null;
  const isUnderWay = passive.state === "trial";
  return { isUnderWay, inMs: isUnderWay ? 0 : Math.max(0, passive.untilAt - nowMs) };
}

function describeServer({ name, url, backup }: ServerConfig, reading: RowReading) {
  const { state, weight, inflight, load, requests, errors, errorRate, retries } = reading;
  return {
    name,
    url: redactUserinfo(url),
    weight,
    backup,
    state: state === "up" && weight === 0 ? "draining" : state,
    inflight,
    load,
    requests,
    errors,
    errorRate,
    retries,
    bytesIn: reading.bytesIn,
    bytesOut: reading.bytesOut,
    statuses: reading.statuses,
    responseTimeMs: describeQuantiles(reading.responseTimeMs),
  };
}

/** To a microsecond: more would pretend. */
function describeQuantiles(quantiles: Quantiles | null) {
  if (quantiles === null) return null;
  const [p50 = 0, p95 = 0, p99 = 0] = [quantiles.p50, quantiles.p95, quantiles.p99].map(
    (ms) => Math.round(ms * 1000) / 1000,
  );
  return { p50, p95, p99 };
}
