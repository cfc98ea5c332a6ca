import { readdirSync } from "node:fs";
import process from "node:process";
import type { Metric } from "./text.ts";

/** What the system knows of this process, all workers included; named as Prometheus' own clients do. */
export function processMetrics(nowMs: number): Metric[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return [
    counter("process_cpu_seconds_total", "User and system time.", (user + system) / 1e6),
    gauge("process_resident_memory_bytes", "Memory that is resident.", rss),
    gauge("process_heap_bytes", "Heap in use of the control plane's thread.", heapUsed),
    gauge(
      "process_start_time_seconds",
      "When the process began, seconds since 1970.",
      nowMs / 1000 - process.uptime(),
    ),
    ...openFiles(),
  ];
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: "counter", help, samples: [{ value }] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: "gauge", help, samples: [{ value }] };
}

/** Only Linux tells. */
function openFiles(): Metric[] {
  try {
    return [gauge("process_open_fds", "Open file descriptors.", readdirSync("/proc/self/fd").length)];
  } catch {
    return [];
  }
}
