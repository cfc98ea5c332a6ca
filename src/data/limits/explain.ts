import type { Config } from "../../config/config.ts";
import { limitsOf } from "../../config/effective.ts";
import { createCidrSet } from "../../http/address/cidr-set.ts";
import type { Refusal } from "../../http/failures.ts";
import { clientPrefix } from "../../http/address/ip-address.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { checkAccess } from "./access.ts";
import type { AdmittedRoute } from "./admission.ts";
import { explainChallenge } from "./challenge.ts";
import { checkBody, checkHeaders, checkUri } from "./sizes.ts";

/** Why an exchange is refused whatever else goes on; undefined where only rates, concurrency or a ban could refuse it. */
export function explainAdmission(
  config: Pick<Config, "limits">,
  route: AdmittedRoute,
  exchange: Exchange,
): Refusal | undefined {
  const limits = limitsOf(config, { limits: route?.limits ?? {} });
  const isExempt = createCidrSet(limits.exempt)(exchange.client);
  const held = [
    checkUri(limits),
    checkHeaders(limits, { headerCapBytes: Infinity }),
    checkBody(limits),
    explainChallenge(limits),
  ];
  const checks = [route && checkAccess(route.access), ...(isExempt ? [] : held)];
  const client = clientPrefix(exchange.client);
  return checks.map((check) => check?.(exchange, client)).find((denial) => denial !== undefined)?.refusal;
}
