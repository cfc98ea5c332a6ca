import type { Board } from "../board/board.ts";
import type { ServerState } from "../board/server-state.ts";
import type { Host } from "../runtime/host.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { Server } from "./upstream/server.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** A server in the eyes of the balancer, at this moment. */
export interface ExplainedServer {
  readonly name: string;
  /** 1 = the best; null = it may not be chosen. */
  readonly rank: number | null;
  readonly why: string;
  readonly state: ServerState;
  readonly weight: number;
  readonly backup: boolean;
  readonly inflight: number;
  /** 0 = no limit. */
  readonly maxConnections: number;
  /** The average that `response-time` goes by; null while nothing was measured. */
  readonly responseTimeMs: number | null;
  /** What it reported of itself; null where it did not. */
  readonly load: number | null;
}

/** Ranks an upstream's servers for a request, with the numbers that decide. Policies with chance show one of their draws. */
export function explainServers(
  upstream: Upstream,
  exchange: Exchange,
  { board, host }: { readonly board: Board; readonly host: Host },
): readonly ExplainedServer[] {
  const { servers, ranking, sticky, keyOf } = upstream;
  const home = sticky ? sticky.placeOf(exchange) : -1;
  const order = ranking.order(keyOf(exchange), home);
  const rest = servers.map(({ place }) => place).filter((place) => !order.includes(place));
  return [...order, ...rest].map((place, index) => {
    const server = servers[place] as Server;
    const rank = index < order.length ? index + 1 : null;
    const why = rank === null ? whyNot(server, board) : whyRanked(upstream, server, { rank, home });
    return explainServer(server, { rank, why }, { board, host });
  });
}

function explainServer(
  { name, row, isBackup, maxConnections }: Server,
  ranked: Pick<ExplainedServer, "rank" | "why">,
  { board, host }: { readonly board: Board; readonly host: Host },
): ExplainedServer {
  return {
    name,
    ...ranked,
    state: board.state(row),
    weight: board.weight(row),
    backup: isBackup,
    inflight: board.inflight(row),
    maxConnections,
    responseTimeMs: orNull(board.averageMs(row, host.time.now())),
    load: orNull(board.reportedLoad(row)),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
}

function whyRanked(
  { config }: Upstream,
  server: Server,
  { rank, home }: { readonly rank: number; readonly home: number },
): string {
  if (server.place === home) return "the client's own server, by its sticky cookie";
  if (server.isBackup) return "a backup: only where no other can take it";
  return rank === 1 ? `the best by ${config.balance}` : `the next best by ${config.balance}`;
}

function whyNot({ row, maxConnections }: Server, board: Board): string {
  const state = board.state(row);
  if (state === "down") return "it is down";
  if (state === "ejected") return "it is ejected, because its requests failed";
  if (state === "draining" || board.weight(row) === 0)
    return "it is drained: it keeps its sticky sessions only";
  return maxConnections > 0 ? "it has no room: maxConnections are in flight" : "others can take it";
}
