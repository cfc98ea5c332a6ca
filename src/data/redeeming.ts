import { clientPrefix } from "../http/address/ip-address.ts";
import type { Challenges } from "./challenge/challenge.ts";
import type { Action } from "./route/router.ts";

/**
 * Gives a browser that brings the solution of its challenge a clearance, before anything else is asked of it: the limit that
 * it was challenged for would refuse this too. Without challenges that costs nothing.
 */
export function redeeming(act: Action, challenges: Challenges | undefined): Action {
  if (!challenges) return act;
  return (exchange) => challenges.redeem(exchange, clientPrefix(exchange.client)) ?? act(exchange);
}
