import * as v from "valibot";

/** What a node says of a server; only what the others can use is said. */
export interface ServerReport {
  /** Of upstream, name and URL: see `serverIdOf`. */
  readonly id: string;
  /** Requests under way, on average over the interval. */
  readonly inflight: number;
  /** What the server itself reported to this node, and how old that is, ms. */
  readonly load?: { readonly value: number; readonly ageMs: number };
  /** What this node found by itself, and since when, ms. */
  readonly health?: { readonly state: ObservedState; readonly ageMs: number };
}

/** What checks and traffic of a node showed. */
export type ObservedState = "up" | "down" | "ejected";

/** What a node says of itself and of its servers, once an interval. */
export interface NodeReport {
  /** How often it says so, ms. */
  readonly intervalMs: number;
  readonly servers: readonly ServerReport[];
}

/** Changes when the meaning of a report does: a node of another version is not understood, and not misunderstood. */
const formatNumber = 1;

const states: readonly ObservedState[] = ["up", "down", "ejected"];

/** Servers are lists of numbers in this order, cut behind the last that says something: many fit into little. */
type Line = [
  id: string,
  inflight: number,
  load?: number | null,
  loadAgeMs?: number,
  state?: number,
  stateAgeMs?: number,
];

/** Writes a report as the store keeps it. */
export function writeReport({ intervalMs, servers }: NodeReport): string {
  return JSON.stringify({ v: formatNumber, intervalMs, servers: servers.map(toLine) });
}

function toLine({ id, inflight, load, health }: ServerReport): Line {
  if (health)
    return [id, inflight, load?.value ?? null, load?.ageMs ?? 0, states.indexOf(health.state), health.ageMs];
  return load ? [id, inflight, load.value, load.ageMs] : [id, inflight];
}

/** More than this many servers in one report are not ours. */
const mostServers = 65_536;

/** More requests than a node can have under way. */
const mostInflight = 10_000_000;

const report = v.object({
  v: v.literal(formatNumber),
  intervalMs: v.pipe(v.number(), v.minValue(1), v.maxValue(2 ** 31)),
  servers: v.pipe(v.array(v.unknown()), v.maxLength(mostServers)),
});

/** Reads what another node wrote, or somebody else; undefined where it is not a report. */
export function parseReport(text: string): NodeReport | undefined {
  const read = v.safeParse(report, parseJson(text));
  if (!read.success) return undefined;
  const servers = read.output.servers.map(fromLine);
  const isWhole = servers.every((server) => server !== undefined);
  return isWhole ? { intervalMs: read.output.intervalMs, servers } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By hand: there may be thousands of them each second. */
function fromLine(line: unknown): ServerReport | undefined {
  if (!isLine(line)) return undefined;
  const [id, inflight, value = null, loadAgeMs = 0, word = -1, ageMs = 0] = line;
  const state = states[word];
  return {
    id,
    inflight,
    ...(value !== null && { load: { value, ageMs: loadAgeMs } }),
    ...(state !== undefined && { health: { state, ageMs } }),
  };
}

const longestId = 16;

/** What stands at each place of a line. */
const places: readonly ((value: unknown) => boolean)[] = [
  (id) => typeof id === "string" && id.length <= longestId,
  (inflight) => isAmount(inflight) && inflight <= mostInflight,
  (load) => load === null || isAmount(load),
  isAmount,
  (state) => states[state as number] !== undefined,
  isAmount,
];

function isLine(line: unknown): line is Line {
  if (!Array.isArray(line) || line.length < 2) return false;
  return line.every((value, place) => places[place]?.(value) === true);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
