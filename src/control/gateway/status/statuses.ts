import { type Condition, isMet, met, unmet } from "./condition.ts";
import type { PlacedListener } from "../conflicts.ts";
import { supportedFeatures } from "../features.ts";
import { type Address, findGatewayFault } from "../gateway-fault.ts";
import type { RouteKind } from "../listener.ts";
import type { Gateway, GatewayClass, HttpRoute, ParentRef } from "../objects.ts";
import type { RoutePlan } from "../routes/route-plan.ts";
import { controllerName, type Translation } from "../translate.ts";

/** What the status of an object is to say, as far as we have a say in it. */
export type WantedStatus =
  | { readonly kind: "GatewayClass"; readonly object: GatewayClass; readonly status: ClassStatus }
  | { readonly kind: "Gateway"; readonly object: Gateway; readonly status: GatewayStatus }
  | { readonly kind: "HTTPRoute"; readonly object: HttpRoute; readonly status: RouteStatus };

export interface ClassStatus {
  readonly conditions: readonly Condition[];
  readonly supportedFeatures: readonly { readonly name: string }[];
}

export interface GatewayStatus {
  readonly addresses: readonly Address[];
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
}

interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly RouteKind[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

export interface RouteStatus {
  readonly parents: readonly {
    readonly parentRef: ParentRef;
    readonly controllerName: string;
    readonly conditions: readonly Condition[];
  }[];
}

/** What statuses depend on besides the translation. */
export interface StatusScope {
  /** Where all Gateways are reached. */
  readonly addresses: readonly Address[];
  /** Every route of the cluster: what we once said of one that is not ours any more is taken back. */
  readonly all: readonly HttpRoute[];
}

/** The statuses that a translation comes to. */
export function statusesOf(translation: Translation, { addresses, all }: StatusScope): WantedStatus[] {
  const { gatewayClass, gateways, listeners, routes } = translation;
  const ours = new Set(routes.map(({ route }) => route));
  return [
    ...(gatewayClass === undefined ? [] : [classStatus(gatewayClass)]),
    ...gateways.map((gateway) => {
      const own = listeners.filter((listener) => listener.gateway === gateway);
      return gatewayStatus(gateway, { listeners: own, routes, addresses });
    }),
    ...routes.map(routeStatus),
    ...all.filter((route) => !ours.has(route) && bearsOurWord(route)).map(withdrawal),
  ];
}

function classStatus(object: GatewayClass): WantedStatus {
  const condition =
    object.spec.parametersRef === undefined
      ? met("Accepted", "Headgate serves the Gateways of this class.")
      : unmet("Accepted", "InvalidParameters", "parametersRef is not supported: leave it out");
  const features = supportedFeatures.map((name) => ({ name }));
  return { kind: "GatewayClass", object, status: { conditions: [condition], supportedFeatures: features } };
}

interface GatewayParts {
  readonly listeners: readonly PlacedListener[];
  readonly routes: readonly RoutePlan[];
  readonly addresses: readonly Address[];
}

function gatewayStatus(object: Gateway, { listeners, routes, addresses }: GatewayParts): WantedStatus {
  const isServing = listeners.some((listener) => listener.isServing);
  const programmed = isServing
    ? met("Programmed", "Its listeners are open on every node.")
    : unmet("Programmed", "Invalid", "none of its listeners is open");
  const status = {
    addresses: isServing ? addresses : [],
    conditions: [findGatewayFault(object, addresses) ?? judgeGateway(listeners), programmed],
    listeners: listeners.map((listener) => listenerStatus(listener, routes)),
  };
  return { kind: "Gateway", object, status };
}

function judgeGateway(listeners: readonly PlacedListener[]): Condition {
  if (listeners.length > 0 && listeners.every(isValid)) return met("Accepted", "The Gateway is taken in.");
  const message = "the conditions of its listeners say what is wrong with them";
  return listeners.some(isValid)
    ? met("Accepted", message, "ListenersNotValid")
    : unmet("Accepted", "ListenersNotValid", message);
}

function isValid({ isServing, conditions }: PlacedListener): boolean {
  return isServing && isMet(conditions, "ResolvedRefs");
}

function listenerStatus(listener: PlacedListener, routes: readonly RoutePlan[]): ListenerStatus {
  const attached = routes.filter(({ attachments }) => attachments.some((one) => one.listener === listener));
  return {
    name: listener.spec.name,
    supportedKinds: listener.kinds,
    attachedRoutes: attached.length,
    conditions: listener.conditions,
  };
}

function routeStatus({ route, parents }: RoutePlan): WantedStatus {
  const all = parents.map(({ ref, conditions }) => ({ parentRef: ref, controllerName, conditions }));
  return { kind: "HTTPRoute", object: route, status: { parents: all } };
}

function bearsOurWord({ status }: HttpRoute): boolean {
  return JSON.stringify(status ?? null).includes(`"controllerName":"${controllerName}"`);
}

function withdrawal(object: HttpRoute): WantedStatus {
  return { kind: "HTTPRoute", object, status: { parents: [] } };
}
