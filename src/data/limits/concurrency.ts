import { NoHold } from "../../board/holds.ts";
import type { Config, RouteConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Check, Denial, LimitTools } from "./denial.ts";

const CLIENT_FULL: Denial = {
  reason: "concurrency_client",
  refusal: refusalOf("http_request_denied", { status: 429, retryAfterSeconds: 1 }),
};
const ALL_FULL: Denial = {
  reason: "concurrency_total",
  refusal: refusalOf("connection_limit_reached", { retryAfterSeconds: 1 }),
};

/** So many under way at a time. */
interface Place {
  readonly scope: number;
  readonly isPerClient: boolean;
  readonly max: number;
}

const Scope = { client: 1, total: 2, routeClient: 3, routeTotal: 4 } as const;

/**
 * Limits what is under way: of one client, over the routes that share the limit; in all, over every route; and in all of
 * this route, where it says so. What is taken is let go when the exchange has ended. Undefined where nothing is limited.
 */
export function checkConcurrency(
  { limits }: Pick<Config, "limits">,
  route: Pick<RouteConfig, "name" | "limits"> | undefined,
  { board }: LimitTools,
): Check | undefined {
  const places = placesOf(limits.concurrency, route?.limits.concurrency);
  if (places.length === 0) return undefined;
  const routeName = route?.name ?? "";
  return (exchange, client) => {
    const leases: number[] = [];
    for (const { scope, isPerClient, max } of places) {
      const key = isPerClient ? client : "";
      const lease = board.hold(scope, scope < Scope.routeClient ? key : `${routeName}\n${key}`, max);
      if (lease < 0) {
        letGo(leases);
        return isPerClient && lease === NoHold.full ? CLIENT_FULL : ALL_FULL;
      }
      leases.push(lease);
    }
    exchange.atEnd(() => letGo(leases));
    return undefined;
  };

  function letGo(leases: readonly number[]): void {
    for (const lease of leases) board.letGo(lease);
  }
}

type Concurrency = Config["limits"]["concurrency"];

function placesOf(all: Concurrency, own: Concurrency | undefined): Place[] {
  const places = [
    own
      ? { scope: Scope.routeClient, isPerClient: true, max: own.perClient }
      : { scope: Scope.client, isPerClient: true, max: all.perClient },
    { scope: Scope.routeTotal, isPerClient: false, max: own?.total ?? 0 },
    { scope: Scope.total, isPerClient: false, max: all.total },
  ];
  return places.filter(({ max }) => max > 0);
}
