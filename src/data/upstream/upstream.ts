import type { Board } from "../../board/board.ts";
import type { UpstreamConfig } from "../../config/config.ts";
import type { Client, ClientTls, Host } from "../../runtime/host.ts";
import { policies } from "../balance/policies.ts";
import { Ranking } from "../balance/ranking.ts";
import type { Snapshot } from "../snapshot.ts";
import { boardServers } from "./board-servers.ts";
import { createServer } from "./server.ts";
import type { Server } from "./server.ts";

/** A named group of servers, ready to take requests. */
export interface Upstream {
  readonly name: string;
  readonly config: UpstreamConfig;
  readonly servers: readonly Server[];
  readonly ranking: Ranking;
  readonly client: Client;
  readonly tls: ClientTls | undefined;
  /** When a server last answered anything, by its place; monotonic ms. */
  readonly heardMs: Float64Array;
}

/** What upstreams are made with. */
export interface UpstreamTools {
  readonly host: Host;
  readonly board: Board;
  readonly clients: Clients;
}

/** Hands out the connections toward upstreams: those whose settings stay keep theirs over a reload. */
export interface Clients {
  take(name: string, tls: ClientTls | undefined): Client;
}

/**
 * How long an idle connection is kept, ms: shorter than the servers at hand keep theirs, since a connection that both
 * sides close at once looks like a failed request. Node closes after 5 s.
 */
const IDLE_CONNECTION_MS = 4000;

/** Prepares every upstream of a snapshot. */
export function createUpstreams(snapshot: Snapshot, tools: UpstreamTools): ReadonlyMap<string, Upstream> {
  const entries = Object.entries(snapshot.config.upstreams);
  return new Map(
    entries.map(([name, config]) => [name, createUpstream(name, config, { ...tools, snapshot })]),
  );
}

/** Makes connections, and makes them once for the same upstream and the same settings. */
export function createClients(host: Host): Clients {
  const known = new Map<string, { key: string; client: Client }>();
  return {
    take(name, tls) {
      const key = JSON.stringify(tls ?? null);
      const found = known.get(name);
      if (found?.key === key) return found.client;
      found?.client.close();
      const client = host.createClient({ idleTimeoutMs: IDLE_CONNECTION_MS, tls });
      known.set(name, { key, client });
      return client;
    },
  };
}

function createUpstream(
  name: string,
  config: UpstreamConfig,
  { host, board, clients, snapshot }: UpstreamTools & { readonly snapshot: Snapshot },
): Upstream {
  const rows = snapshot.rows[name] ?? {};
  const servers = config.servers.map((server, place) => createServer(server, place, rows[server.name] ?? 0));
  const tls = toClientTls(config, snapshot.files);
  return {
    name,
    config,
    servers,
    ranking: new Ranking(boardServers(board, servers, host.time.now), {
      policy: policies[config.balance]({
        random: host.random,
        nextTurn: createTurns(),
      }),
      slowStartMs: config.slowStart,
      now: host.time.now,
    }),
    client: clients.take(name, tls),
    tls,
    heardMs: new Float64Array(servers.length).fill(Number.NEGATIVE_INFINITY),
  };
}

function createTurns(): () => number {
  let turn = 0;
  return () => turn++;
}

function toClientTls(config: UpstreamConfig, files: Snapshot["files"]): ClientTls | undefined {
  if (!config.servers.some((server) => server.url.startsWith("https:"))) return undefined;
  const { ca, serverName, verify, cert, key } = config.tls;
  const text = (name: string): string => files[name] ?? "";
  return {
    verify,
    ...(ca !== "" && { ca: text(ca) }),
    ...(serverName !== "" && { serverName }),
    ...(cert !== "" && { cert: text(cert) }),
    ...(key !== "" && { key: text(key) }),
  };
}
