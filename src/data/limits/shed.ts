import type { LimitsConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Check, Denial } from "./denial.ts";
import type { LagMeter } from "./lag-meter.ts";

const OVERLOADED: Denial = {
  reason: "shed",
  refusal: refusalOf("connection_limit_reached", {
    retryAfterSeconds: 2,
    detail: "too much is under way at the moment",
  }),
};

/**
 * Sheds what comes in while the worker's event loop is too far behind: it would only wait, and make what is under way
 * wait longer. Undefined where nothing is shed.
 */
export function checkShed(
  { shed }: Pick<LimitsConfig, "shed">,
  { lag }: { readonly lag: LagMeter },
): Check | undefined {
  if (!shed.enabled) return undefined;
  const { maxLag } = shed;
  return ({ startedMs }) => (lag.lagMs(startedMs) > maxLag ? OVERLOADED : undefined);
}
