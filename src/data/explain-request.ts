import type { Board } from "../board/board.ts";
import { parseBind } from "../config/bind.ts";
import type { Config, RouteConfig, UpstreamConfig } from "../config/config.ts";
import type { Refusal } from "../http/failures.ts";
import type { Host } from "../runtime/host.ts";
import type { Client } from "../runtime/client.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { receive } from "./exchange/receive.ts";
import { createDeadlines } from "./deadlines.ts";
import { guard } from "./guard/guard.ts";
import { explainAdmission } from "./limits/explain.ts";
import { arrivalOf } from "./listener-plan.ts";
import { explainRoute } from "./route/explain.ts";
import type { LostRoute } from "./route/explain.ts";
import { createRewrite } from "./route/rewrite.ts";
import { createSplit } from "./route/split.ts";
import type { Snapshot } from "./snapshot.ts";
import { createUpstreams } from "./upstream/upstream.ts";
import type { Upstream } from "./upstream/upstream.ts";
import { explainFilters } from "./explain-filters.ts";
import type { ExplainedFilters } from "./explain-filters.ts";
import { explainServers } from "./explain-servers.ts";
import type { ExplainedServer } from "./explain-servers.ts";

/** A request that is looked at and not sent. */
export interface ExplainedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The address at the other end of the connection. */
  readonly client: string;
}

/** Why a request goes where it goes. */
export interface Explanation {
  /** The listener that a request for this port comes in by. */
  readonly listener: string;
  readonly canonicalPath: string;
  /** The address that it counts under. */
  readonly client: string;
  /** Why the guard refuses it before any route; undefined where it does not. */
  readonly refusal: Refusal | undefined;
  /** The route that takes it; undefined = none, 404. */
  readonly route: string | undefined;
  /** The routes before it, and why each of them lost. */
  readonly why: readonly LostRoute[];
  /** What follows: `upstream`, `split`, `redirect`, `respond`. */
  readonly action: string | undefined;
  /** Where it goes; of a split, the way that this client takes. */
  readonly upstream: string | undefined;
  /** Where its servers are found besides those listed, such as `dns app.internal`. */
  readonly foundBy: readonly string[];
  /** What the route's filters do, in order. */
  readonly filters: ExplainedFilters;
  /** Path and query for the server. */
  readonly target: string | undefined;
  /** Best first, then those that may not be chosen. */
  readonly servers: readonly ExplainedServer[];
}

/** What an explanation is made with. */
export interface ExplainTools {
  readonly host: Host;
  readonly board: Board;
  /** The memory that the board was opened on. */
  readonly memory: SharedArrayBuffer;
}

/** Says what would happen to a request, by the same steps that it would take. Sends nothing. */
export function explainRequest(
  snapshot: Snapshot,
  asked: ExplainedRequest,
  tools: ExplainTools,
): Explanation {
  const { config } = snapshot;
  const exchange = arrive(config, asked, tools.host);
  const malformed = guard(exchange, { count: () => {} });
  const { route, why } = malformed ? { route: undefined, why: [] } : explainRoute(config.routes, exchange);
  return {
    listener: exchange.listener,
    canonicalPath: exchange.path,
    client: exchange.client,
    refusal: malformed ?? explainAdmission(config, route, exchange),
    route: route?.name,
    why,
    ...(route ? explainAction(route, exchange, { snapshot, tools }) : NO_ACTION),
  };
}

type ExplainedAction = Pick<
  Explanation,
  "action" | "upstream" | "foundBy" | "filters" | "target" | "servers"
>;

const NO_ACTION: ExplainedAction = {
  action: undefined,
  upstream: undefined,
  foundBy: [],
  filters: { request: [], response: [] },
  target: undefined,
  servers: [],
};

function explainAction(
  route: RouteConfig,
  exchange: Exchange,
  { snapshot, tools }: { readonly snapshot: Snapshot; readonly tools: ExplainTools },
): ExplainedAction {
  const action = actionOf(route);
  const target = targetOf(route, exchange);
  if (target !== undefined) exchange.target = target;
  const filters = explainFilters(snapshot.config, route, exchange);
  const upstream = upstreamOf(route, exchange, createIdleUpstreams(snapshot, tools));
  if (!upstream) return { ...NO_ACTION, action, filters };
  return {
    action,
    upstream: upstream.name,
    foundBy: sourcesOf(upstream.config),
    filters,
    target: target === undefined ? undefined : exchange.target,
    servers: explainServers(upstream, exchange, tools),
  };
}

function sourcesOf({ discover }: UpstreamConfig): string[] {
  const { dns, kubernetes } = discover ?? {};
  return [dns ? `dns ${dns.name}` : [], kubernetes ? `kubernetes ${kubernetes.service}` : []].flat();
}

/** The same upstreams as in the data plane, without connections. */
function createIdleUpstreams(snapshot: Snapshot, tools: ExplainTools): ReadonlyMap<string, Upstream> {
  const client: Client = {
    send() {
      throw new Error("Cannot send: this only explains");
    },
    fetch: () => Promise.reject(new Error("Cannot send: this only explains")),
    close() {},
  };
  const clients = { take: () => client };
  return createUpstreams(snapshot, {
    ...tools,
    clients,
    workerIndex: 0,
    deadlines: createDeadlines(tools.host.time),
  });
}

function upstreamOf(
  { name, upstream, split }: RouteConfig,
  exchange: Exchange,
  upstreams: ReadonlyMap<string, Upstream>,
): Upstream | undefined {
  if (!split) return upstreams.get(upstream ?? "");
  const ways = Object.entries(split).map(([to, weight]) => {
    const sticky = upstreams.get(to)?.sticky;
    return { to, weight, isHome: () => sticky !== undefined && sticky.placeOf(exchange) >= 0 };
  });
  return upstreams.get(createSplit(name, ways)(exchange));
}

/** The exchange as the listener would make it: the one of that port, else the first. */
function arrive(config: Config, { method, url, headers, client }: ExplainedRequest, host: Host): Exchange {
  const listeners = Object.entries(config.listeners);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const found = listeners.find(([, { bind }]) => parseBind(bind)?.port === port) ?? listeners[0];
  if (!found) throw new Error("Cannot explain a request: the configuration has no listener");
  const [name, listener] = found;
  const fields = new Headers(headers);
  if (!fields.has("host")) fields.set("host", url.host);
  const request = { method, url: url.href, headers: fields } as Request;
  return receive(request, undefined, {
    arrival: arrivalOf(name, listener),
    host: { ...host, peerAddress: () => client },
  });
}

function actionOf(route: RouteConfig): string {
  return (
    (["upstream", "split", "redirect", "respond"] as const).find((kind) => route[kind] !== undefined) ??
    "none"
  );
}

function targetOf({ rewrite }: RouteConfig, { path, query }: Exchange): string | undefined {
  return rewrite ? createRewrite(rewrite)(path, query) : path + query;
}
