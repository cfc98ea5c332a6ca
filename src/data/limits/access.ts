import type { RouteConfig } from "../../config/config.ts";
import { createCidrSet } from "../../http/address/cidr-set.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Check, Denial } from "./denial.ts";

const DENIED: Denial = { reason: "access", refusal: refusalOf("http_request_denied") };

/** Who may use a route: nobody who is denied, and, where some are allowed, nobody else. Undefined where all may. */
export function checkAccess({ allow, deny }: RouteConfig["access"]): Check | undefined {
  if (allow.length === 0 && deny.length === 0) return undefined;
  const [isAllowed, isDenied] = [createCidrSet(allow), createCidrSet(deny)];
  const isOpen = allow.length === 0;
  return ({ client }) => (!isDenied(client) && (isOpen || isAllowed(client)) ? undefined : DENIED);
}
