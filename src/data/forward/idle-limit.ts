import type { Host } from "../../runtime/host.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** Keeps the runtime from cutting a connection that is quiet for a reason. `end` of the exchange puts the limit back. */
export function liftIdleLimit(exchange: Exchange, { host }: { readonly host: Host }): void {
  if (exchange.isIdleLifted) return;
  exchange.isIdleLifted = true;
  host.limitIdle(exchange.request, exchange.connection, false);
}
