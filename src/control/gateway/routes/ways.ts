import { shareUnit } from "../../../config/units.ts";
import { type Backend, resolveBackend, type ServerValue } from "./backends.ts";
import type { Cluster } from "../watch/cluster.ts";
import type { Condition } from "../status/condition.ts";
import { translateDuration } from "../duration.ts";
import { type FilterPlan, type Matched, translateFilters } from "./filters.ts";
import type { RedirectPlan } from "./redirect.ts";
import type { BackendRef, Mirror, Rule } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";

/** What requests of a rule can come to: one route of the configuration each. */
export interface Way {
  readonly weight: number;
  readonly action: Action;
  /** The keys of the route that change requests and answers. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** What the route needs, by name. */
  readonly upstreams: Readonly<Record<string, UpstreamValue>>;
}

export type Action =
  | { readonly upstream: string }
  | { readonly redirect: RedirectPlan }
  | { readonly respond: AnswerValue };

/** An answer of our own in the words of the configuration. */
export interface AnswerValue {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An upstream in the words of the configuration. */
export interface UpstreamValue {
  readonly servers: readonly ServerValue[];
  readonly hostHeader?: string;
  readonly retry?: { readonly attempts: number; readonly on: readonly (string | number)[] };
}

/** What rules are translated with. */
export interface RuleScope {
  /** Of the HTTPRoute. */
  readonly namespace: string;
  readonly cluster: Cluster;
  /** Takes the references that lead nowhere. */
  readonly unresolved: (fault: Condition) => void;
}

/** Finds the ways that lead from a rule. Throws `Unsupported` where it asks for what cannot be done. */
export function findWays(rule: Rule, matched: Matched, scope: RuleScope): readonly Way[] {
  const own = translateFilters(rule.filters, matched);
  if (own.redirect !== undefined) {
    if (rule.backendRefs.length > 0)
      throw new Unsupported("RequestRedirect and backendRefs exclude each other", "IncompatibleFilters");
    return [redirectWay(own.redirect, own)];
  }
  const settings = { retry: retryOf(rule.retry), timeouts: timeoutsOf(rule) };
  const ways = rule.backendRefs.map((ref) => {
    const plan = translateFilters([...rule.filters, ...ref.filters], matched);
    return backendWay(ref, { plan, settings, scope });
  });
  const used = ways.filter(({ weight }) => weight > 0);
  return used.length > 0 ? used : [answerWay(500, "No backend is named for this request.")];
}

/** The share that each way takes of what the ways before it left. */
export function sharesOf(ways: readonly Way[]): (string | undefined)[] {
  let left = ways.reduce((sum, { weight }) => sum + weight, 0);
  return ways.map(({ weight }) => {
    const share = weight === left ? undefined : shareUnit.format(weight / left);
    left -= weight;
    return share;
  });
}

/** An answer of our own instead of a server's. */
export function answerWay(status: OwnStatus, body: string, weight = 1): Way {
  const headers = {
    "content-type": "text/plain; charset=utf-8",
    "proxy-status": `headgate; error=${errorTypes[status]}`,
  };
  return { weight, action: { respond: { status, body: `${body}\n`, headers } }, changes: {}, upstreams: {} };
}

/** The statuses that we answer with, and what RFC 9209 calls the reason. */
type OwnStatus = 404 | 500 | 503;

const errorTypes: Readonly<Record<OwnStatus, string>> = {
  404: "destination_not_found",
  500: "proxy_configuration_error",
  503: "destination_unavailable",
};

interface BackendScope {
  readonly plan: FilterPlan;
  readonly settings: Settings;
  readonly scope: RuleScope;
}

/** What a rule says of every way that leads from it. */
interface Settings {
  readonly retry: UpstreamValue["retry"];
  readonly timeouts: Readonly<Record<string, string>>;
}

function backendWay(ref: BackendRef, { plan, settings, scope }: BackendScope): Way {
  const { weight } = ref;
  if (!Number.isInteger(weight) || weight < 0 || weight > 1_000_000)
    throw new Unsupported(`${weight} is no weight from 0 to 1000000`);
  if (plan.redirect !== undefined) return { ...redirectWay(plan.redirect, plan), weight };
  const mirror = mirrorOf(plan.mirror, scope);
  const backend = resolve(ref, scope);
  if ("fault" in backend) return answerWay(500, "The backend of this request cannot be used.", weight);
  if (backend.servers.length === 0)
    return answerWay(503, "The backend of this request has no ready endpoint.", weight);
  const upstream = upstreamOf(backend, plan, settings);
  return {
    weight,
    action: { upstream: upstream.name },
    changes: { ...changesOf(plan), ...mirror.changes, timeouts: settings.timeouts },
    upstreams: { ...mirror.upstreams, [upstream.name]: upstream.value },
  };
}

function resolve(ref: Mirror["backendRef"], { namespace, cluster, unresolved }: RuleScope): Backend {
  const backend = resolveBackend(ref, namespace, cluster);
  if ("fault" in backend) unresolved(backend.fault);
  return backend;
}

function redirectWay(redirect: RedirectPlan, plan: FilterPlan): Way {
  return { weight: 1, action: { redirect }, changes: changesOf(plan), upstreams: {} };
}

function changesOf({ request, response, rewrite }: FilterPlan): Record<string, unknown> {
  return { filters: { request, response }, ...(rewrite !== undefined && { rewrite }) };
}

/** Backends that are asked in another way are upstreams of their own, and so have statistics of their own. */
function upstreamOf(
  { name, servers }: Extract<Backend, { readonly name: string }>,
  { hostname }: FilterPlan,
  { retry }: Settings,
): { readonly name: string; readonly value: UpstreamValue } {
  const suffix = [hostname && `host=${hostname}`, retry && `retry=${retry.attempts},${retry.on.join(",")}`];
  return {
    name: [name, ...suffix.filter(Boolean)].join(";"),
    value: { servers, ...(hostname !== undefined && { hostHeader: hostname }), ...(retry && { retry }) },
  };
}

function retryOf(retry: Rule["retry"]): UpstreamValue["retry"] {
  if (retry === undefined) return undefined;
  if (retry.backoff !== undefined)
    throw new Unsupported("retry.backoff cannot be kept to: retries wait for a random time up to 250ms");
  if (retry.attempts < 0 || retry.attempts > 10) throw new Unsupported("retry.attempts is not from 0 to 10");
  const codes = retry.codes.toSorted((a, b) => a - b);
  if (codes.some((code) => code < 400 || code > 599))
    throw new Unsupported("retry.codes are not from 400 to 599");
  return { attempts: retry.attempts, on: ["connect", "reset", "timeout", ...codes] };
}

/** An attempt has as long as the whole request, unless it has its own deadline. */
function timeoutsOf({ timeouts }: Rule): Record<string, string> {
  const total = timeouts.request === undefined ? {} : { total: translateDuration(timeouts.request) };
  const attempt = timeouts.backendRequest ?? timeouts.request;
  return { ...total, ...(attempt !== undefined && { response: translateDuration(attempt) }) };
}

function mirrorOf(mirror: Mirror | undefined, scope: RuleScope): Pick<Way, "changes" | "upstreams"> {
  const none = { changes: {}, upstreams: {} };
  if (mirror === undefined) return none;
  const share = shareUnit.format(mirrorRatio(mirror));
  const backend = resolve(mirror.backendRef, scope);
  if ("fault" in backend || backend.servers.length === 0) return none;
  const { name, servers } = backend;
  return {
    changes: { mirror: { upstream: name, share } },
    upstreams: { [name]: { servers } },
  };
}

function mirrorRatio({ percent, fraction }: Mirror): number {
  const ratio = fraction === undefined ? (percent ?? 100) / 100 : fraction.numerator / fraction.denominator;
  if (ratio >= 0 && ratio <= 1 && (percent === undefined || fraction === undefined)) return ratio;
  throw new Unsupported("the share of a RequestMirror is no percent or fraction from 0 to 1");
}
