import type { Board } from "../board/board.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { Snapshot } from "./snapshot.ts";

/** Counts an exchange that is over; `endedMs` on the monotonic clock. */
export type CountExchange = (exchange: Exchange, endedMs: number) => void;

type Places = Map<string, Map<string, Map<string, number>>>;

/** Counts exchanges by route and by the server that the last attempt went to, if there was one. */
export function createCount({ routes, rows }: Snapshot, board: Board): CountExchange {
  const places: Places = new Map();

  function placeOf({ route, upstream, attempts }: Exchange): number {
    const server = attempts.at(-1)?.server ?? "";
    const known = places.get(route)?.get(upstream)?.get(server);
    if (known !== undefined) return known;
    const place = board.tallyOf(routes[route] ?? 0, rowOf(rows[upstream], server));
    remember(places, [route, upstream, server], place);
    return place;
  }

  return (exchange, endedMs) =>
    board.tally(placeOf(exchange), {
      status: exchange.status,
      durationMs: endedMs - exchange.startedMs,
      bytesIn: exchange.bytesIn,
      bytesOut: exchange.bytesOut,
    });
}

function rowOf(rows: Snapshot["rows"][string] | undefined, server: string): number {
  return rows?.[server] ?? -1;
}

/** Names come from the configuration, so there are few. */
function remember(
  places: Places,
  [route, upstream, server]: readonly [string, string, string],
  place: number,
): void {
  const ofRoute = places.get(route) ?? new Map<string, Map<string, number>>();
  const ofUpstream = ofRoute.get(upstream) ?? new Map<string, number>();
  places.set(route, ofRoute);
  ofRoute.set(upstream, ofUpstream);
  ofUpstream.set(server, place);
}
