import type { Board } from "../../board/board.ts";
import type { Told } from "./server-health.ts";
import type { Watched } from "./watched.ts";

/** What is needed to judge what other nodes found. */
export interface Hearsay {
  readonly found: ReadonlyMap<number, Told>;
  readonly board: Pick<Board, "recent">;
  /** Wall clock, ms. */
  readonly now: number;
}

/** Own traffic of so many seconds is knowledge of our own. */
const ownSeconds = 60;

/** Where passive checks are off, and say no share of their own. */
const defaultShare = 0.5;

/**
 * What counts of what other nodes found, by row: nothing about servers that this node knows by its own probes, or by its
 * own traffic of the past minute. Where it would take out more of an upstream than passive checks may, or the last server,
 * none of it counts: then it is rather the other node that cannot reach them.
 */
export function believed(servers: readonly Watched[], hearsay: Hearsay): Map<number, Told> {
  const groups = Map.groupBy(servers, ({ upstream }) => upstream);
  return new Map([...groups.values()].flatMap((group) => believedOf(group, hearsay)));
}

function believedOf(group: readonly Watched[], { found, board, now }: Hearsay): [number, Told][] {
  const told = group.filter((server) => found.get(server.row) !== undefined && !isKnown(server, board, now));
  return told.length > mostTold(group) ? [] : told.map(({ row }) => [row, found.get(row)]);
}

function isKnown({ health, row }: Watched, board: Hearsay["board"], now: number): boolean {
  return (
    health.active.state !== "unknown" ||
    health.passive.state !== "serving" ||
    board.recent(row, ownSeconds, now).requests > 0
  );
}

function mostTold(group: readonly Watched[]): number {
  const passive = group[0]?.config.health.passive;
  const share = passive ? passive.maxEjected : defaultShare;
  return Math.min(group.length - 1, Math.max(Math.ceil(share), Math.floor(share * group.length)));
}
