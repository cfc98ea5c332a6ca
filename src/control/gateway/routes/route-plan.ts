import { attach, type Attachment } from "../status/attachment.ts";
import type { Cluster } from "../watch/cluster.ts";
import { type Condition, met, unmet } from "../status/condition.ts";
import type { PlacedListener } from "../conflicts.ts";
import { type HttpRoute, keyOf, type ParentRef } from "../objects.ts";
import { type RulePlan, translateRule } from "./rule.ts";

/** An HTTPRoute, translated. */
export interface RoutePlan {
  readonly route: HttpRoute;
  readonly rules: readonly RulePlan[];
  /** The listeners that it is attached to, each once. */
  readonly attachments: readonly Attachment[];
  /** What is to be said of each of its parents that are ours. */
  readonly parents: readonly ParentPlan[];
}

/** What is to be said of a route to one of its parents. */
export interface ParentPlan {
  readonly ref: ParentRef;
  readonly conditions: readonly Condition[];
}

/** What routes are translated with. */
export interface RouteScope {
  readonly cluster: Cluster;
  readonly listeners: readonly PlacedListener[];
}

/** Translates a route; undefined for one that has nothing to do with us. */
export function planRoute(route: HttpRoute, scope: RouteScope): RoutePlan | undefined {
  const attached = route.spec.parentRefs.flatMap((ref) => attach(route, ref, scope) ?? []);
  if (attached.length === 0) return undefined;
  const unresolved: Condition[] = [];
  const { namespace } = route.metadata;
  const ruleScope = {
    namespace,
    cluster: scope.cluster,
    unresolved: (fault: Condition) => void unresolved.push(fault),
  };
  const rules = route.spec.rules.map((raw, index) => translateRule(raw, index, ruleScope));
  const common = [judgeRefs(unresolved), ...judgePart(rules)];
  return {
    route,
    rules,
    attachments: mergeAttachments(attached.flatMap(({ attachments }) => attachments)),
    parents: attached.map(({ ref, accepted }) => ({
      ref,
      conditions: [judgeWhole(rules, accepted), ...common],
    })),
  };
}

/** Another verdict about a route that was found to be unusable as a whole. */
export function refuseRoute(plan: RoutePlan, message: string): RoutePlan {
  const refused = unmet("Accepted", "UnsupportedValue", message);
  const parents = plan.parents.map(({ ref, conditions }) => ({
    ref,
    conditions: conditions.flatMap((condition) => {
      if (condition.type === "PartiallyInvalid") return [];
      return condition.type === "Accepted" && condition.status === "True" ? [refused] : [condition];
    }),
  }));
  return { ...plan, rules: [], parents };
}

/** A route may name a listener twice, once with its Gateway and once by itself. */
function mergeAttachments(all: readonly Attachment[]): Attachment[] {
  const merged = new Map<PlacedListener, Set<string>>();
  for (const { listener, hostnames } of all) {
    merged.set(listener, new Set([...(merged.get(listener) ?? []), ...hostnames]));
  }
  return Array.from(merged, ([listener, hostnames]) => ({ listener, hostnames: [...hostnames] }));
}

function judgeRefs(unresolved: readonly Condition[]): Condition {
  const [first] = unresolved;
  if (first === undefined) return met("ResolvedRefs", "All that the route refers to is there.");
  return { ...first, message: [...new Set(unresolved.map(({ message }) => message))].join("; ") };
}

/** A route none of whose rules can be followed is not taken in, wherever it is attached. */
function judgeWhole(rules: readonly RulePlan[], accepted: Condition): Condition {
  const [first] = rules.flatMap(({ fault }) => fault ?? []);
  const isFollowed = rules.some(({ fault }) => fault === undefined);
  if (first === undefined || isFollowed || accepted.status === "False") return accepted;
  return unmet("Accepted", first.reason, describeFaults(rules));
}

/** The condition says nothing where all of a route is in order, or nothing of it. */
function judgePart(rules: readonly RulePlan[]): Condition[] {
  const faulty = rules.filter(({ fault }) => fault !== undefined);
  if (faulty.length === 0 || faulty.length === rules.length) return [];
  const message = `Dropped Rule(s), whose requests get 500 where it is known which they are: ${describeFaults(rules)}`;
  return [met("PartiallyInvalid", message, "UnsupportedValue")];
}

function describeFaults(rules: readonly RulePlan[]): string {
  return rules.flatMap(({ name, fault }) => (fault ? [`rule ${name}: ${fault.message}`] : [])).join("; ");
}

/** Older routes come first, then names decide. */
export function byAge(a: Pick<HttpRoute, "metadata">, b: Pick<HttpRoute, "metadata">): number {
  const [older, newer] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (older !== newer) return older < newer ? -1 : 1;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
