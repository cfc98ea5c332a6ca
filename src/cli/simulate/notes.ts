import type { UpstreamConfig } from "../../config/config.ts";
import type { SimulationResult } from "../../data/balance/simulate/simulate.ts";
import { type AccessRecord, mostRequests } from "./access-record.ts";
import { capacityOf, warmAtMs } from "./fleet.ts";
import type { Scenario } from "./scenario.ts";
import { showMs } from "./words.ts";

/** What makes the numbers say less than they seem to, a sentence each. */
export function notesOn(
  scenario: Omit<Scenario, "notes">,
  config: UpstreamConfig,
  record: AccessRecord | undefined,
): string[] {
  return [
    noteOverload(scenario),
    noteCold(scenario),
    noteLeftOut(config),
    ...notesOnRecord(record, config),
  ].filter((note) => note !== undefined);
}

/** Whether the numbers hold answers that nobody would have waited for. */
export function noteLate({ responseTimeoutMs }: Scenario, results: readonly SimulationResult[]): string[] {
  const isLate = results.some(({ responseTimeMs }) => (responseTimeMs?.p99 ?? 0) > responseTimeoutMs);
  if (responseTimeoutMs === 0 || !isLate) return [];
  return [
    `Deadlines are not modelled: after ${showMs(responseTimeoutMs)} without an answer a real request would fail.`,
  ];
}

function noteOverload({ servers, requestsPerSecond }: Omit<Scenario, "notes">): string | undefined {
  const capacity = capacityOf(servers, "flawed");
  if (requestsPerSecond <= capacity) return undefined;
  const most = Math.round(capacity).toLocaleString("en");
  return `The servers, as they are, can do ${most} requests/s, and more come: they queue up for as long as the run lasts.`;
}

function noteCold({ servers, requests, requestsPerSecond }: Omit<Scenario, "notes">): string | undefined {
  const isAnyCold = servers.some(({ model }) => model.coldForMs !== undefined);
  const lengthMs = (1000 * requests) / requestsPerSecond;
  if (!isAnyCold || lengthMs >= warmAtMs) return undefined;
  return `The run ends after ${(lengthMs / 1000).toFixed(1)} s, before the cold server is warm: ask for more requests.`;
}

function noteLeftOut({ servers, queue, hedge, sticky }: UpstreamConfig): string | undefined {
  const backups = servers.filter(({ backup }) => backup).map(({ name }) => name);
  const parts = [
    backups.length > 0 && `the backup ${backups.join(", ")}`,
    queue.size > 0 && "the queue",
    hedge !== false && "hedges",
    sticky !== undefined && "sticky sessions",
  ].filter((part) => part !== false);
  return parts.length === 0 ? undefined : `Of the configuration this is left out: ${parts.join(", ")}.`;
}

function notesOnRecord(record: AccessRecord | undefined, { balance, hash }: UpstreamConfig): string[] {
  if (record === undefined) return [];
  const isKeyKnown = balance !== "hash" || hash === "client-ip" || hash === "path";
  return [
    "Recorded times include what requests waited in the servers then, so that waiting here comes on top of it.",
    ...(isKeyKnown ? [] : [`The log does not hold "${hash}": the client's address stands for it.`]),
    ...(record.requests.length < mostRequests ? [] : [`Only the first ${mostRequests} requests were read.`]),
  ];
}
