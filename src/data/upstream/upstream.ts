import type { Board } from "../../board/board.ts";
import type { UpstreamConfig } from "../../config/config.ts";
import type { Host } from "../../runtime/host.ts";
import type { Client, ClientTls } from "../../runtime/client.ts";
import { BoardServers } from "../balance/board-servers.ts";
import { hashText } from "../balance/hash-text.ts";
import { policies } from "../balance/policies.ts";
import { Ranking } from "../balance/ranking.ts";
import type { StickyTokens } from "../balance/sticky-tokens.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Deadlines } from "../deadlines.ts";
import { toClientTls } from "./client-tls.ts";
import type { Clients } from "./clients.ts";
import { createKeyReader } from "./key-reader.ts";
import type { KeyReader } from "./key-reader.ts";
import { createServer } from "./server.ts";
import type { Server } from "./server.ts";
import { createSticky } from "./sticky.ts";
import type { Sticky } from "./sticky.ts";
import { WaitingLine } from "./waiting-line.ts";

/** A named group of servers, ready to take requests. */
export interface Upstream {
  readonly name: string;
  readonly config: UpstreamConfig;
  readonly servers: readonly Server[];
  readonly ranking: Ranking;
  /** What `hash` keeps clients together by; 0 for the policies that do not ask. */
  readonly keyOf: KeyReader;
  /** How clients stay with their server; undefined where they do not. */
  readonly sticky: Sticky | undefined;
  /** The field in which servers report their load; undefined where nobody reads it. */
  readonly loadHeader: string | undefined;
  readonly client: Client;
  readonly tls: ClientTls | undefined;
  /** Requests that wait for room; undefined where nobody may. */
  readonly line: WaitingLine | undefined;
  /** The 95th percentile of the response times, as it was last looked up. */
  readonly usual: { readAt: number; p95Ms: number | undefined };
  /** When the control plane was last told that a server fails, by its place; wall clock, ms. */
  readonly notifiedAt: Float64Array;
  /** When a server last answered anything, by its place; monotonic ms. */
  readonly heardMs: Float64Array;
}

/** What upstreams are made with. */
export interface UpstreamTools {
  readonly host: Host;
  readonly board: Board;
  /** The memory that the board was opened on. */
  readonly memory: SharedArrayBuffer;
  readonly clients: Clients;
  readonly deadlines: Deadlines;
  readonly workerIndex: number;
}

/** Prepares every upstream of a snapshot. */
export function createUpstreams(snapshot: Snapshot, tools: UpstreamTools): ReadonlyMap<string, Upstream> {
  const families = new Map<string, StickyTokens[]>();
  const create = ([name, config]: [string, UpstreamConfig]): [string, Upstream] => [
    name,
    createUpstream(name, { config, snapshot, tools, family: familyOf(config, families) }),
  ];
  return new Map(Object.entries(snapshot.config.upstreams).map(create));
}

/** The tokens of the upstreams with the same sticky cookie. */
function familyOf({ sticky }: UpstreamConfig, families: Map<string, StickyTokens[]>): StickyTokens[] {
  const family = families.get(sticky?.cookie ?? "") ?? [];
  families.set(sticky?.cookie ?? "", family);
  return family;
}

interface UpstreamSource {
  readonly config: UpstreamConfig;
  readonly snapshot: Snapshot;
  readonly tools: UpstreamTools;
  readonly family: StickyTokens[];
}

function createUpstream(name: string, source: UpstreamSource): Upstream {
  const { config, snapshot, tools, family } = source;
  const rows = snapshot.rows[name] ?? {};
  const servers = config.servers.map((server, place) => createServer(server, place, rows[server.name] ?? 0));
  const tls = toClientTls(config, snapshot.files);
  return {
    name,
    config,
    servers,
    ranking: createRanking(config, servers, tools),
    keyOf: createKeyReader(config),
    sticky:
      config.sticky &&
      createSticky(name, config.sticky, {
        servers,
        secret: snapshot.stickySecret,
        family,
      }),
    loadHeader: config.balance === "reported-load" ? config.load.header : undefined,
    client: tools.clients.take(name, tls),
    tls,
    line: createLine(config, tools),
    usual: { readAt: Number.NEGATIVE_INFINITY, p95Ms: undefined },
    notifiedAt: new Float64Array(servers.length).fill(Number.NEGATIVE_INFINITY),
    heardMs: new Float64Array(servers.length).fill(Number.NEGATIVE_INFINITY),
  };
}

function createRanking(config: UpstreamConfig, servers: readonly Server[], tools: UpstreamTools): Ranking {
  const { board, host, memory } = tools;
  const { now } = host.time;
  const numbers = new BoardServers(
    board,
    servers.map((server) => ({ ...server, identity: hashText(server.name) })),
    { buffer: memory, loadExpireMs: config.load.expire, now },
  );
  const turnRow = servers[0]?.row ?? 0;
  return new Ranking(numbers, {
    policy: policies[config.balance]({ random: host.random, nextTurn: () => board.nextTurn(turnRow) }),
    slowStartMs: config.slowStart,
    now,
  });
}

/** The workers share the places of the line among them. */
function createLine({ queue }: UpstreamConfig, tools: UpstreamTools): WaitingLine | undefined {
  const { board, deadlines, workerIndex } = tools;
  const extra = workerIndex < queue.size % board.workers ? 1 : 0;
  const size = Math.floor(queue.size / board.workers) + extra;
  const changed = (change: number): void => board.addWaiting(change);
  return queue.size === 0
    ? undefined
    : new WaitingLine({ size, timeoutMs: queue.timeout, deadlines, changed });
}
