import type { HeardReport } from "./report-script.ts";
import { type NodeReport, parseReport, type ServerReport } from "./report.ts";

/** What the other nodes together have to do with a server. */
export interface Elsewhere {
  /** Requests under way. */
  readonly inflight: number;
  /** The youngest report of its load. */
  readonly load: ServerReport["load"];
  /** The youngest finding about its health. */
  readonly health: ServerReport["health"];
}

/** Another node, as the status has it. */
export interface PeerStatus {
  readonly name: string;
  readonly lastSeenMs: number;
  /** Whether what it said still counts. */
  readonly isAlive: boolean;
  /** Requests that it had under way to servers when it was last seen. */
  readonly inflight: number;
}

/** A node that was heard. */
interface Peer {
  readonly intervalMs: number;
  readonly servers: ReadonlyMap<string, ServerReport>;
  readonly writtenAt: string;
  /** Monotonic clock, ms: when it said that. The store's clock tells it once, and ours from then on. */
  readonly saidAt: number;
  /** What counts as under way, by server. */
  readonly inflight: ReadonlyMap<string, number>;
}

/** What a node says counts in full for so many of its intervals: it is read up to one after it was said, and written anew after one. */
const fullIntervals = 2;

/** After so many it counts nothing: a little before three, since somebody has to look. */
const deadIntervals = 2.75;

/** Nobody is believed who says that he will say nothing for longer, ms. */
const longestIntervalMs = 3_600_000;

/** Nodes that have not been seen for so long are not told of any more, ms. */
const forgottenMs = 60_000;

/**
 * The other nodes: what each last said, and how much that still counts.
 *
 * What is under way elsewhere is smoothed, by as much as there are nodes: each node makes up for the whole difference
 * that it sees, so that two of them that react at once to the same old numbers would overshoot, and swing for ever.
 */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  /** Takes in what was read now; gives how many reports make no sense. */
  hear(reports: readonly HeardReport[], nowMs: number): number {
    let foreign = 0;
    const weight = 1 / (this.countAlive(nowMs) + 1);
    for (const heard of reports) {
      const report = parseReport(heard.report);
      if (report) this.#hearOne(heard, report, { nowMs, weight });
      else foreign++;
    }
    for (const [name, peer] of this.#peers)
      if (nowMs - peer.saidAt > forgottenMs && shareLeft(peer, nowMs) === 0) this.#peers.delete(name);
    return foreign;
  }

  /** How many others are alive. */
  countAlive(nowMs: number): number {
    return [...this.#peers.values()].filter((peer) => shareLeft(peer, nowMs) > 0).length;
  }

  /** Whether what somebody said counts for less at this moment than before. */
  isFading(nowMs: number): boolean {
    return [...this.#peers.values()].some((peer) => {
      const share = shareLeft(peer, nowMs);
      return share > 0 && share < 1;
    });
  }

  /** What the others have to do with the servers, by their names among the nodes. */
  elsewhere(nowMs: number): Map<string, Elsewhere> {
    const sums = new Map<string, Elsewhere>();
    for (const peer of this.#peers.values()) {
      const share = shareLeft(peer, nowMs);
      if (share === 0) continue;
      const ageMs = nowMs - peer.saidAt;
      for (const [id, server] of peer.servers) {
        const inflight = (peer.inflight.get(id) ?? 0) * share;
        sums.set(id, add(sums.get(id), inflight, aged(server, ageMs)));
      }
      for (const [id, inflight] of peer.inflight)
        if (!peer.servers.has(id)) sums.set(id, add(sums.get(id), inflight * share, undefined));
    }
    return sums;
  }

  /** Every node that was seen lately. */
  describe(nowMs: number): PeerStatus[] {
    return [...this.#peers].map(([name, peer]) => ({
      name: plainName(name),
      lastSeenMs: Math.round(nowMs - peer.saidAt),
      isAlive: shareLeft(peer, nowMs) > 0,
      inflight: [...peer.servers.values()].reduce((sum, { inflight }) => sum + inflight, 0),
    }));
  }

  #hearOne(
    { node, ageMs, writtenAt }: HeardReport,
    { intervalMs, servers }: NodeReport,
    { nowMs, weight }: { readonly nowMs: number; readonly weight: number },
  ): void {
    const before = this.#peers.get(node);
    if (before?.writtenAt === writtenAt) return;
    const saidAt = nowMs - ageMs;
    const byId = new Map(servers.map((server) => [server.id, server]));
    const inflight = smooth(before?.inflight, byId, weight);
    this.#peers.set(node, { intervalMs, writtenAt, saidAt, servers: byId, inflight });
  }
}

/** How much of what a node said still counts, 0..1. */
function shareLeft({ saidAt, intervalMs }: Peer, nowMs: number): number {
  const age = (nowMs - saidAt) / Math.min(intervalMs, longestIntervalMs);
  return Math.min(1, Math.max(0, (deadIntervals - age) / (deadIntervals - fullIntervals)));
}

/** Below this, what is left of a server that has nothing under way any more is nothing. */
const negligible = 0.05;

function smooth(
  before: Peer["inflight"] | undefined,
  servers: Peer["servers"],
  weight: number,
): Map<string, number> {
  if (!before) return new Map([...servers].map(([id, { inflight }]) => [id, inflight]));
  const ids = new Set([...before.keys(), ...servers.keys()]);
  const values = [...ids].map((id): [string, number] => {
    const old = before.get(id) ?? 0;
    return [id, old + weight * ((servers.get(id)?.inflight ?? 0) - old)];
  });
  return new Map(values.filter(([, value]) => value > negligible));
}

function aged({ load, health }: ServerReport, ageMs: number): Pick<ServerReport, "load" | "health"> {
  return {
    ...(load && { load: { ...load, ageMs: load.ageMs + ageMs } }),
    ...(health && { health: { ...health, ageMs: health.ageMs + ageMs } }),
  };
}

function add(
  sum: Elsewhere | undefined,
  inflight: number,
  said: Pick<ServerReport, "load" | "health"> | undefined,
): Elsewhere {
  return {
    inflight: (sum?.inflight ?? 0) + inflight,
    load: younger(sum?.load, said?.load),
    health: younger(sum?.health, said?.health),
  };
}

function younger<T extends { readonly ageMs: number }>(
  one: T | undefined,
  other: T | undefined,
): T | undefined {
  if (!one || !other) return one ?? other;
  return other.ageMs < one.ageMs ? other : one;
}

/** Names are encoded in the store. */
function plainName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
