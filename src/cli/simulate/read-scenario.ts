import type { UpstreamConfig } from "../../config/config.ts";
import type { Distribution } from "../../data/balance/simulate/distribution.ts";
import type { ModelledHealthSettings } from "../../data/balance/simulate/modelled-health.ts";
import { type Arguments, type Terminal, UsageError } from "../command.ts";
import { type AccessRecord, readAccessRecord } from "./access-record.ts";
import { createArrivals, createReplay, recordedPerSecond } from "./arrivals.ts";
import { type ChosenUpstream, chooseUpstream } from "./choose-upstream.ts";
import { capacityOf, createFleet, type FlawOptions, type NamedServer } from "./fleet.ts";
import { defaultDistribution, defaultLatency, latencyForm } from "./latency.ts";
import { notesOn } from "./notes.ts";
import {
  parseCount,
  parseDuration,
  parseOption,
  parseRate,
  parseRatio,
  parseSwitch,
} from "./parse-values.ts";
import { parsePolicies } from "./parse-policies.ts";
import type { Scenario } from "./scenario.ts";

/** Reads what is to be simulated. Throws where the options make no sense. */
export async function readScenario(args: Arguments, terminal: Terminal): Promise<Scenario> {
  const upstream = await chooseUpstream(args, terminal);
  const record = await readRecord(args, upstream);
  const servers = createFleet({
    servers: upstream.config.servers.filter(({ backup }) => !backup),
    slots: parseCount(args, "slots", { min: 1, max: 4096 }) ?? defaultSlots,
    serviceOf: chooseService(args, record),
    flaws: parseFlaws(args),
  });
  const requestsPerSecond = chooseRate(args, servers, record);
  const scenario = {
    policies: parsePolicies(args.texts("policy")),
    configured: upstream.name === undefined ? undefined : upstream.config.balance,
    servers,
    latency: args.text("latency") ?? (record === undefined ? defaultLatency : "as recorded"),
    requestsPerSecond,
    utilisationRatio: requestsPerSecond / (capacityOf(servers, "well") || Number.POSITIVE_INFINITY),
    requests: chooseRequests(args, servers.length, record),
    responseTimeoutMs: upstream.config.timeouts.response,
    ...chooseResilience(args, upstream.config),
    ...chooseArrivals(args, requestsPerSecond, record),
  };
  return { ...scenario, notes: notesOn(scenario, upstream.config, record) };
}

const defaultSlots = 16;
const defaultUtilisation = 0.7;

function readRecord(args: Arguments, { name, config }: ChosenUpstream): Promise<AccessRecord | undefined> {
  const file = args.text("log");
  if (file === undefined) return Promise.resolve(undefined);
  const key = config.hash === "path" ? "path" : "client";
  return readAccessRecord(file, { upstream: name, key });
}

/** A server that the record knows well enough has its own times; others have everybody's. */
function chooseService(args: Arguments, record: AccessRecord | undefined): (server: string) => Distribution {
  const latency = parseOption(args, "latency", latencyForm);
  if (latency !== undefined || record === undefined) {
    const same = latency ?? defaultDistribution;
    return () => same;
  }
  return (server) => {
    const own = record.samplesByServer.get(server) ?? [];
    return { kind: "recorded", samplesMs: own.length >= enoughSamples ? own : record.samplesMs };
  };
}

const enoughSamples = 100;

function parseFlaws(args: Arguments): FlawOptions {
  const range = { min: 0, max: 16_384 };
  const slow = parseOption(args, "slow", {
    allowed: "how many, and how slow, such as 1×5 or 2x10",
    parse: parseSlow,
  });
  return {
    ...(slow ?? { slow: 0, slowness: 1 }),
    failing: parseCount(args, "failing", range) ?? 0,
    cold: parseCount(args, "cold", range) ?? 0,
  };
}

const defaultSlowness = "5";

function parseSlow(text: string): { slow: number; slowness: number } | undefined {
  const [, count = "", factor = defaultSlowness] =
    /^(\d{1,5})(?:[x×*](\d{1,6}(?:\.\d+)?))?$/.exec(text) ?? [];
  return count !== "" && Number(factor) > 0 ? { slow: Number(count), slowness: Number(factor) } : undefined;
}

function chooseRate(
  args: Arguments,
  servers: readonly NamedServer[],
  record: AccessRecord | undefined,
): number {
  const rate = parseRate(args, "rate");
  const utilisation = parseRatio(args, "utilisation", { min: 0.01, max: 3 });
  if (rate !== undefined) refuseBeside(args, "rate", ["utilisation"]);
  if (rate !== undefined) return rate;
  if (utilisation === undefined && record !== undefined) return recordedPerSecond(record.requests);
  const wanted = (utilisation ?? defaultUtilisation) * capacityOf(servers, "well");
  if (wanted > 0) return wanted;
  throw new UsageError("This latency has no mean, so nobody can say what the servers can do: give --rate");
}

/** By default so many that each server gets a thousand. */
function chooseRequests(args: Arguments, servers: number, record: AccessRecord | undefined): number {
  const given = parseCount(args, "requests", { min: 1, max: 1_000_000_000 });
  return given ?? record?.requests.length ?? Math.max(200_000, 1000 * servers);
}

function chooseResilience(args: Arguments, { retry, slowStart, health }: UpstreamConfig) {
  const isEjecting = parseSwitch(args, "ejection") ?? true;
  return {
    retries: parseCount(args, "retries", { min: 0, max: 10 }) ?? retry.attempts,
    slowStartMs: parseDuration(args, "slow-start") ?? slowStart,
    passive: isEjecting ? toPassive(health.passive) : undefined,
  };
}

function toPassive(passive: UpstreamConfig["health"]["passive"]): ModelledHealthSettings | undefined {
  if (passive === false) return undefined;
  return {
    failures: passive.failures,
    failureRate: passive.failureRate,
    minRequests: passive.minRequests,
    windowMs: passive.window,
    ejectForMs: passive.ejectFor,
    maxEjectForMs: passive.maxEjectFor,
    maxEjectedRatio: passive.maxEjected,
  };
}

function chooseArrivals(args: Arguments, requestsPerSecond: number, record: AccessRecord | undefined) {
  const seed = parseCount(args, "seed", { min: 0, max: 1_000_000_000_000 }) ?? 1;
  const clients = parseCount(args, "clients", { min: 1, max: 1_000_000_000 }) ?? 10_000;
  const burst = parseCount(args, "burst", { min: 1, max: 1_000_000 }) ?? 1;
  const hotRatio = parseRatio(args, "hot", { min: 0, max: 1 }) ?? 0;
  if (record === undefined) {
    const invented = { requestsPerSecond, clients, hotRatio, burst, seed };
    return {
      seed,
      arrivals: describeArrivals(burst, hotRatio),
      createWorkload: () => createArrivals(invented),
    };
  }
  refuseBeside(args, "log", ["clients", "burst", "hot"]);
  return {
    seed,
    arrivals: "as recorded",
    createWorkload: () => createReplay(record.requests, requestsPerSecond),
  };
}

function describeArrivals(burst: number, hotRatio: number): string {
  const bursts = burst > 1 ? `${burst} at a time` : "";
  const hot = hotRatio > 0 ? `${Number((hotRatio * 100).toFixed(2))}% from one client` : "";
  return [bursts, hot].filter((part) => part !== "").join(", ");
}

/** Refuses options whose matter another one settles. */
function refuseBeside(args: Arguments, settling: string, others: readonly string[]): void {
  const given = others.find((option) => args.text(option) !== undefined);
  if (given !== undefined)
    throw new UsageError(`--${given} cannot stand beside --${settling}, which says that itself`);
}
