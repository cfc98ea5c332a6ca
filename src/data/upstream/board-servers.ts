import type { Board } from "../../board/board.ts";
import type { Servers } from "../balance/servers.ts";
import type { Server } from "./server.ts";

/** An upstream's servers as the balancer sees them: every number is read from the board, over all workers. */
export function boardServers(board: Board, servers: readonly Server[], now: () => number): Servers {
  const at = (place: number): Server => servers[place] as Server;
  const row = (place: number): number => at(place).row;
  const identities = Uint32Array.from(servers, (server) => identityOf(server.name));
  return {
    count: servers.length,
    version: () => board.version(),
    state: (place) => board.state(row(place)),
    weight: (place) => at(place).weight,
    isBackup: (place) => at(place).isBackup,
    upSinceAt: (place) => now() - board.sinceUpMs(row(place), now()),
    trialAt: (place) => now() + board.trialInMs(row(place), now()),
    claimTrial: (place) => board.claimTrial(row(place)),
    failedAt: (place) => now() - board.sinceFailureMs(row(place), now()),
    hasRoom: (place) => hasRoom(board, at(place)),
    inflight: (place) => board.inflight(row(place)),
    responseTimeMs: (place) => board.averageMs(row(place), now()),
    load: (place) => board.reportedLoad(row(place)),
    reportedInflight: (place) => board.inflight(row(place)),
    identity: (place) => identities[place] as number,
  };
}

function hasRoom(board: Board, server: Server): boolean {
  return server.maxConnections === 0 || board.inflight(server.row) < server.maxConnections;
}

/**
 * The same number for the same name on every worker and node.
 *
 * Source: Fowler, Noll and Vo, FNV-1a, 32 bits, with the finalizer of MurmurHash3 for an even spread of all bits.
 */
function identityOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
