import type { Cluster } from "./watch/cluster.ts";
import { type PlacedListener, placeListeners } from "./conflicts.ts";
import { emitRoutes, type EmittedRoute, portName } from "./routes/emit-routes.ts";
import { type Address, findGatewayFault } from "./gateway-fault.ts";
import { type GatewayListener, judgeListener } from "./listener.ts";
import { type Gateway, type GatewayClass, keyOf } from "./objects.ts";
import { byAge, planRoute, refuseRoute, type RoutePlan } from "./routes/route-plan.ts";
import type { UpstreamValue } from "./routes/ways.ts";

/** The name by which GatewayClasses say that they are ours. */
export const controllerName = "headgate.internal/gateway-controller";

/** What a cluster is translated with. */
export interface TranslateOptions {
  /** The name of the GatewayClass whose Gateways are served. */
  readonly className: string;
  /** Ports that cannot be opened, and why. */
  readonly refusedPorts: ReadonlyMap<number, string>;
  /** Whether a port can serve several certificates. */
  readonly hasManyCertificates: boolean;
  /** Where all Gateways are reached. */
  readonly addresses?: readonly Address[];
}

/** A cluster, translated. */
export interface Translation {
  /** Listeners, upstreams and routes in the words of the configuration. */
  readonly config: TranslatedConfig;
  /** What the certificates hold, by the names that stand in the configuration. */
  readonly files: Readonly<Record<string, string>>;
  /** The class that is served; undefined where there is none, or another controller's. */
  readonly gatewayClass: GatewayClass | undefined;
  readonly gateways: readonly Gateway[];
  readonly listeners: readonly PlacedListener[];
  readonly routes: readonly RoutePlan[];
}

/** The part of a configuration that comes from a cluster. */
export interface TranslatedConfig {
  readonly listeners: Readonly<Record<string, ListenerValue>>;
  readonly upstreams: Readonly<Record<string, UpstreamValue>>;
  readonly routes: readonly Readonly<Record<string, unknown>>[];
}

/** A listener in the words of the configuration. */
export interface ListenerValue {
  readonly bind: string;
  readonly tls?: { readonly certificates: readonly { readonly cert: string; readonly key: string }[] };
}

/** Translates a cluster: a pure function, from which every node comes to the same routes. */
export function translate(cluster: Cluster, options: TranslateOptions): Translation {
  const gatewayClass = cluster.classes.find(
    ({ metadata, spec }) => metadata.name === options.className && spec.controllerName === controllerName,
  );
  const gateways =
    gatewayClass === undefined || gatewayClass.spec.parametersRef !== undefined
      ? []
      : cluster.gateways.filter(({ spec }) => spec.gatewayClassName === options.className).toSorted(byAge);
  const judged = gateways.flatMap((gateway) => judgeGateway(gateway, cluster, options));
  const listeners = placeListeners(judged, options.hasManyCertificates);
  const routes = cluster.routes
    .flatMap((route) => planRoute(route, { cluster, listeners }) ?? [])
    .map(refuseTooMany);
  return { ...writeConfig(listeners, routes), gatewayClass, gateways, listeners, routes };
}

/** Looks at the listeners of a Gateway; none of them is opened where the Gateway cannot be served. */
function judgeGateway(
  gateway: Gateway,
  cluster: Cluster,
  { refusedPorts, addresses = [] }: TranslateOptions,
): GatewayListener[] {
  const isRefused = findGatewayFault(gateway, addresses) !== undefined;
  return gateway.spec.listeners.map((spec) => {
    const listener = judgeListener(gateway, spec, { cluster, refusedPorts });
    return isRefused ? { ...listener, isUsable: false } : listener;
  });
}

/** Leaves routes out of a translation, for the reasons given. */
export function withoutRoutes(translation: Translation, reasons: ReadonlyMap<string, string>): Translation {
  const routes = translation.routes.map((plan) => {
    const reason = reasons.get(keyOf(plan.route));
    return reason === undefined ? plan : refuseRoute(plan, reason);
  });
  return { ...translation, ...writeConfig(translation.listeners, routes), routes };
}

/** What a translation would be with one of its routes only. */
export function onlyRoute(translation: Translation, plan: RoutePlan): Translation {
  return { ...translation, ...writeConfig(translation.listeners, [plan]) };
}

/** So many routes of the configuration may come of one HTTPRoute: its lists multiply, and one object shall not slow down all. */
export const mostRoutes = 2_048;

function refuseTooMany(plan: RoutePlan): RoutePlan {
  const perListener = plan.rules
    .flatMap(({ matches }) => matches)
    .reduce((sum, { ways }) => sum + ways.length, 0);
  const most = plan.attachments.reduce((sum, { hostnames }) => sum + hostnames.length, 0) * perListener;
  if (most <= mostRoutes) return plan;
  return refuseRoute(
    plan,
    `its listeners, host names, matches and backends make ${most} routes, and ${mostRoutes} is the most: write several HTTPRoutes`,
  );
}

function writeConfig(
  listeners: readonly PlacedListener[],
  plans: readonly RoutePlan[],
): Pick<Translation, "config" | "files"> {
  const serving = listeners.filter(({ isServing }) => isServing);
  const ports = [...new Set(serving.map(({ spec }) => spec.port))].toSorted((a, b) => a - b);
  const onPort = (port: number): PlacedListener[] => serving.filter(({ spec }) => spec.port === port);
  const emitted = ports.flatMap((port) => emitRoutes(onPort(port), plans));
  return {
    config: {
      listeners: Object.fromEntries(ports.map((port) => [portName(port), toListener(port, onPort(port))])),
      upstreams: upstreamsOf(emitted),
      routes: emitted.map(({ value }) => value),
    },
    files: Object.assign(
      {},
      ...serving.flatMap(({ certificates }) => certificates.map(({ files }) => files)),
    ),
  };
}

function toListener(port: number, listeners: readonly PlacedListener[]): ListenerValue {
  const pairs = listeners.flatMap(({ certificates }) => certificates);
  const certificates = new Map(pairs.map(({ cert, key }) => [cert, { cert, key }]));
  const bind = `:${port}`;
  return certificates.size === 0 ? { bind } : { bind, tls: { certificates: [...certificates.values()] } };
}

function upstreamsOf(emitted: readonly EmittedRoute[]): Record<string, UpstreamValue> {
  return Object.fromEntries(emitted.flatMap(({ upstreams }) => Object.entries(upstreams)));
}
