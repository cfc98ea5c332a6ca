import type { Server } from "../upstream/server.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Fault } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import type { Sending } from "./sending.ts";

/** Takes a place on the best server that has one; undefined where none has. */
export function choose(sending: Sending): Server | undefined {
  const { upstream } = sending.plan;
  const passedOver = sending.tried.slice();
  for (
    let place = rank(sending, passedOver);
    place >= 0;
    place = upstream.ranking.next(sending.key, passedOver)
  ) {
    const server = upstream.servers[place] as Server;
    if (sending.tools.board.tryAcquire(server.row, server.maxConnections)) {
      sending.tried.push(place);
      return server;
    }
    passedOver.push(place); // another worker took its last place in between
  }
  return undefined;
}

function rank({ plan, key, preferred }: Sending, tried: readonly number[]): number {
  const { ranking } = plan.upstream;
  return tried.length === 0 ? ranking.first(key, preferred) : ranking.next(key, tried);
}

/** The same where nobody waits already: those come first, since room may be theirs that another worker made. */
export function chooseInTurn(sending: Sending): Server | undefined {
  const { line } = sending.plan.upstream;
  line?.wake();
  return line?.isWaited() ? undefined : choose(sending);
}

/** Waits in line, if there is one, where all servers are full; else says why there is none. */
export async function waitForServer(sending: Sending): Promise<Server | Fault> {
  const { exchange, plan, tools } = sending;
  const { upstream, limits } = plan;
  if (!isFull(upstream, tools)) return "destination_unavailable";
  const { signal } = exchange.request;
  const mostMs = exchange.startedMs + limits.totalMs - tools.host.time.monotonicMs();
  const waited = await upstream.line?.join(() => choose(sending), { signal, mostMs });
  if (waited) return waited;
  return signal.aborted ? "client_left" : "connection_limit_reached";
}

/**
 * Whether there are servers that would take the request if they had room. That none has is known; looking again could
 * find room that was made since, and would call a busy upstream broken.
 */
function isFull({ servers }: Upstream, { board }: ForwardTools): boolean {
  return servers.some(
    ({ row, maxConnections }) => maxConnections > 0 && board.state(row) === "up" && board.weight(row) > 0,
  );
}
