import type { Server } from "../upstream/server.ts";
import type { Sending } from "./sending.ts";

/** Takes a place on the best server that has one. */
export function choose({ plan, tried, tools }: Sending): Server | undefined {
  const { servers, ranking } = plan.upstream;
  const key = 0;
  let place = tried.length === 0 ? ranking.first(key, -1) : ranking.next(key, tried);
  while (place >= 0) {
    const server = servers[place] as Server;
    tried.push(place);
    if (tools.board.tryAcquire(server.row, server.maxConnections)) return server;
    place = ranking.next(key, tried);
  }
  return undefined;
}
