import { lostLinesCounter } from "../../board/lost-lines.ts";
import { refusalCounter, refusalReasons } from "../../board/refusal-reasons.ts";
import { earliestEnd } from "../certificates/earliest-end.ts";
import type { Metric, Sample } from "./text.ts";
import type { MetricsSource } from "./source.ts";

/** A worker that has not beaten for so long tells nothing of its lag, ms. */
const SILENT_MS = 10_000;

/** What concerns the proxy as a whole. */
export function proxyMetrics(source: MetricsSource): Metric[] {
  const { version, runtime, board, nowMs, workerCount, isReady } = source;
  const build = { version, runtime: runtime.name, runtime_version: runtime.version };
  return [
    gauge("headgate_build_info", "Always 1; the labels say what runs.", [{ labels: build, value: 1 }]),
    gauge("headgate_ready", "1 while the proxy is ready for traffic.", [{ value: Number(isReady) }]),
    gauge("headgate_workers", "Data planes that answer.", [{ value: workerCount }]),
    gauge("headgate_worker_event_loop_lag_seconds", "How far a worker is behind.", lagSamples(source)),
    gauge("headgate_inflight_requests", "Requests under way.", [{ value: board.exchanges() }]),
    gauge("headgate_waiting_requests", "Requests that wait for room on a server.", [
      { value: board.waiting() },
    ]),
    counter(
      "headgate_refused_total",
      "Requests that were refused before a server was asked.",
      refusalReasons.map((reason) => ({ labels: { reason }, value: board.counter(refusalCounter(reason)) })),
    ),
    counter("headgate_access_log_lost_lines_total", "Lines that the access log could not write.", [
      { value: board.counter(lostLinesCounter) },
    ]),
    gauge("headgate_bans", "Clients that are banned.", [{ value: board.listBans(nowMs).length }]),
    ...configMetrics(source),
    gauge(
      "headgate_storage_up",
      "1 while what happens is stored; absent where storage is off.",
      storageSamples(source),
    ),
  ];
}

function configMetrics({ reloads, running }: MetricsSource): Metric[] {
  const { snapshot, loadedAt } = running;
  const ends = Object.entries(snapshot.config.listeners).flatMap(([listener, { tls }]): Sample[] =>
    tls ? [{ labels: { listener }, value: earliestEnd(tls, snapshot.files) / 1000 }] : [],
  );
  return [
    counter("headgate_config_reloads_total", "Reloads that were asked for.", [
      { labels: { result: "success" }, value: reloads.succeeded },
      { labels: { result: "failure" }, value: reloads.failed },
    ]),
    gauge("headgate_config_last_reload_successful", "1 unless the last reload was refused.", [
      { value: Number(reloads.problems.length === 0) },
    ]),
    gauge("headgate_config_loaded_timestamp_seconds", "When the running configuration was loaded.", [
      { value: loadedAt / 1000 },
    ]),
    gauge(
      "headgate_certificate_expiry_timestamp_seconds",
      "When the first of a listener's certificates ends.",
      ends,
    ),
  ];
}

function lagSamples({ board, nowMs }: MetricsSource): Sample[] {
  const workers = Array.from({ length: board.workers }, (_, worker) => worker);
  const telling = workers.filter((worker) => board.sinceBeatMs(worker, nowMs) < SILENT_MS);
  return telling.map((worker) => ({ labels: { worker: String(worker) }, value: board.lagMs(worker) / 1000 }));
}

function storageSamples({ storage }: MetricsSource): Sample[] {
  return storage.state === "off" ? [] : [{ value: Number(storage.state === "ok") }];
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: "counter", help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: "gauge", help, samples };
}
