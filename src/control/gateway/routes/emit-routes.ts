import type { PlacedListener } from "../conflicts.ts";
import { anyHost, coversHostname, hostnameRank } from "../hostnames.ts";
import { schemes } from "../listener.ts";
import { keyOf } from "../objects.ts";
import { toRedirect } from "./redirect.ts";
import { byAge, type RoutePlan } from "./route-plan.ts";
import type { MatchWays, RulePlan } from "./rule.ts";
import { answerWay, sharesOf, type UpstreamValue, type Way } from "./ways.ts";

/** A route in the words of the configuration, and the upstreams that it needs. */
export interface EmittedRoute {
  readonly value: Readonly<Record<string, unknown>>;
  readonly upstreams: Readonly<Record<string, UpstreamValue>>;
}

/** How a port of the configuration is called. */
export function portName(port: number): string {
  return `port-${port}`;
}

/**
 * Writes the routes of a port in the order in which they must be tried, as the configuration's first match wins.
 *
 * A request belongs to the listener that names its host most closely, and to no other, even where that one has no route for
 * it: so each listener ends with an answer of 404 for its own hosts. Within a listener the order is that of the Gateway API:
 * host name, path, method, headers, query, the route's age and name, the place in it.
 */
export function emitRoutes(
  listeners: readonly PlacedListener[],
  plans: readonly RoutePlan[],
): EmittedRoute[] {
  const ordered = listeners.toSorted((a, b) => hostnameRank(b.spec.hostname) - hostnameRank(a.spec.hostname));
  const byRoute = plans.toSorted((a, b) => byAge(a.route, b.route));
  return ordered.flatMap((listener, index) => {
    const closer = ordered.slice(0, index).map(({ spec }) => spec.hostname);
    const routes = emitListener(listener, byRoute, closer);
    return index === ordered.length - 1 ? routes : routes.concat(emitEnd(listener));
  });
}

interface Candidate {
  readonly plan: RoutePlan;
  readonly rule: RulePlan;
  readonly ways: MatchWays;
  /** Of the match in its rule. */
  readonly index: number;
  readonly hosts: readonly string[];
}

/** `closer` are the host names of the listeners that have taken their requests already. */
function emitListener(
  listener: PlacedListener,
  plans: readonly RoutePlan[],
  closer: readonly string[],
): EmittedRoute[] {
  const isLeft = (hostname: string): boolean => !closer.some((wide) => coversHostname(wide, hostname));
  const candidates = plans.flatMap((plan) => candidatesOf(plan, listener, isLeft));
  const ordered = candidates.toSorted(byPrecedence); // stable: what ties stays in the order of age, name and place
  return ordered.flatMap((candidate) => emitCandidate(candidate, listener));
}

function candidatesOf(
  plan: RoutePlan,
  listener: PlacedListener,
  isLeft: (hostname: string) => boolean,
): Candidate[] {
  const attachment = plan.attachments.find((one) => one.listener === listener);
  if (attachment === undefined) return [];
  return groupHosts(attachment.hostnames.filter(isLeft)).flatMap((hosts) =>
    plan.rules.flatMap((rule) => rule.matches.map((ways, index) => ({ plan, rule, ways, index, hosts }))),
  );
}

/** Whole names never compete for a request, and so stay together; wildcards do, and stand each for itself. */
function groupHosts(hostnames: readonly string[]): string[][] {
  const whole = hostnames.filter((hostname) => hostname !== anyHost && !hostname.startsWith("*."));
  const others = hostnames.filter((hostname) => !whole.includes(hostname));
  return [...(whole.length > 0 ? [whole] : []), ...others.map((hostname) => [hostname])];
}

function byPrecedence(a: Candidate, b: Candidate): number {
  const [ranks, others] = [ranksOf(a), ranksOf(b)];
  const at = ranks.findIndex((rank, index) => rank !== others[index]);
  return at < 0 ? 0 : (others[at] ?? 0) - (ranks[at] ?? 0);
}

function ranksOf({ hosts, ways: { match } }: Candidate): number[] {
  const [first = anyHost] = hosts;
  const isWhole = first !== anyHost && !first.startsWith("*.");
  return [isWhole ? Infinity : hostnameRank(first), ...match.rank];
}

function emitCandidate(candidate: Candidate, listener: PlacedListener): EmittedRoute[] {
  const { hosts } = candidate;
  const { match, ways } = candidate.ways;
  const { port } = listener.spec;
  const shares = sharesOf(ways);
  return ways.map((way, index) => ({
    value: {
      name: nameOf(candidate, port, ways.length > 1 ? `#${index}` : ""),
      listener: portName(port),
      ...(hosts[0] === anyHost ? {} : { host: hosts }),
      ...match.conditions,
      ...(shares[index] !== undefined && { share: shares[index] }),
      ...way.changes,
      ...actionOf(way, listener),
    },
    upstreams: way.upstreams,
  }));
}

/** `shop/app/0.1@port-80#0`: the route, its rule and match, where it listens, and which of several backends it leads to. */
function nameOf({ plan, rule, index, hosts }: Candidate, port: number, way: string): string {
  const [first = anyHost] = hosts;
  const host = first === anyHost ? "" : first;
  return `${keyOf(plan.route)}/${rule.name}.${index}@${host}:${port}${way}`;
}

function actionOf({ action }: Way, { spec }: PlacedListener): object {
  if (!("redirect" in action)) return action;
  const came = { scheme: schemes.get(spec.protocol) ?? "http", port: spec.port };
  return { redirect: toRedirect(action.redirect, came) };
}

/** No request goes on from a listener to one that names its host less closely. */
function emitEnd({ gateway, spec }: PlacedListener): EmittedRoute {
  const way = answerWay(404, "No route takes this request.");
  const name = `${keyOf(gateway)}/${spec.name}@${spec.hostname}:${spec.port} has no route`;
  const host = spec.hostname === anyHost ? {} : { host: [spec.hostname] };
  return { value: { name, listener: portName(spec.port), ...host, ...way.action }, upstreams: {} };
}
