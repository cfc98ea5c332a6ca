import type { Cluster } from "../watch/cluster.ts";
import { type Condition, met, unmet } from "./condition.ts";
import type { PlacedListener } from "../conflicts.ts";
import { intersectHostnames } from "../hostnames.ts";
import { gatewayGroup, type HttpRoute, type ListenerSpec, type ParentRef } from "../objects.ts";

/** A listener that takes a route, and the host names that it takes it for. */
export interface Attachment {
  readonly listener: PlacedListener;
  readonly hostnames: readonly string[];
}

/** Where a reference to a parent leads: to listeners, or to a condition that says why to none. */
export interface Attached {
  readonly ref: ParentRef;
  readonly attachments: readonly Attachment[];
  readonly accepted: Condition;
}

/** Attaches a route to the listeners that one of its references means; undefined where the parent is not ours. */
export function attach(
  route: HttpRoute,
  ref: ParentRef,
  { listeners, cluster }: { readonly listeners: readonly PlacedListener[]; readonly cluster: Cluster },
): Attached | undefined {
  const namespace = ref.namespace ?? route.metadata.namespace;
  if (ref.group !== gatewayGroup || ref.kind !== "Gateway") return undefined;
  const ours = listeners.filter(
    ({ gateway: { metadata } }) => metadata.namespace === namespace && metadata.name === ref.name,
  );
  if (ours.length === 0) return undefined;
  const meant = ours.filter(({ spec }) => isMeant(spec, ref));
  const allowing = meant.filter((listener) => allows(listener, route, cluster));
  const attachments = allowing
    .map((listener) => ({
      listener,
      hostnames: intersectHostnames(listener.spec.hostname, route.spec.hostnames),
    }))
    .filter(({ hostnames }) => hostnames.length > 0);
  return { ref, attachments, accepted: judge({ meant, allowing, attachments }) };
}

function isMeant({ name, port }: ListenerSpec, ref: ParentRef): boolean {
  return (ref.sectionName ?? name) === name && (ref.port ?? port) === port;
}

function allows({ gateway, spec, kinds }: PlacedListener, route: HttpRoute, cluster: Cluster): boolean {
  const { from, selector } = spec.allowedRoutes.namespaces;
  const { namespace } = route.metadata;
  if (!kinds.some(({ kind }) => kind === "HTTPRoute")) return false;
  if (from === "Same") return namespace === gateway.metadata.namespace;
  if (from !== "Selector") return from === "All";
  const labels = cluster.namespaces.get(namespace)?.metadata.labels;
  return labels !== undefined && selector !== undefined && selects(selector, labels);
}

type Selector = NonNullable<ListenerSpec["allowedRoutes"]["namespaces"]["selector"]>;
type Labels = Readonly<Record<string, string>>;

function selects({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      return operators.get(operator)?.(value, values) ?? false;
    })
  );
}

type Operator = (value: string | undefined, values: readonly string[]) => boolean;

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["In", (value, values) => value !== undefined && values.includes(value)],
  ["NotIn", (value, values) => value === undefined || !values.includes(value)],
  ["Exists", (value) => value !== undefined],
  ["DoesNotExist", (value) => value === undefined],
]);

interface Steps {
  readonly meant: readonly unknown[];
  readonly allowing: readonly unknown[];
  readonly attachments: readonly unknown[];
}

function judge({ meant, allowing, attachments }: Steps): Condition {
  if (meant.length === 0)
    return unmet("Accepted", "NoMatchingParent", "the Gateway has no listener of that name and port");
  if (allowing.length === 0)
    return unmet(
      "Accepted",
      "NotAllowedByListeners",
      "no listener allows routes of this kind from this namespace",
    );
  if (attachments.length === 0)
    return unmet(
      "Accepted",
      "NoMatchingListenerHostname",
      "no listener has a host name in common with the route",
    );
  return met("Accepted", "The route is taken in.");
}
