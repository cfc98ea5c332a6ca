import * as v from "valibot";

import { type Condition, unmet } from "./status/condition.ts";
import type { Gateway } from "./objects.ts";

/** An address that clients reach a Gateway by. */
export interface Address {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
}

const wantedAddress = v.object({ type: v.optional(v.string(), "IPAddress"), value: v.string() });

/** Why a Gateway cannot be served as a whole, whatever its listeners are; undefined where it can. */
export function findGatewayFault(gateway: Gateway, assigned: readonly Address[]): Condition | undefined {
  const { addresses, infrastructure } = gateway.spec;
  if (infrastructure?.parametersRef !== undefined)
    return unmet(
      "Accepted",
      "InvalidParameters",
      "infrastructure.parametersRef is not supported: leave it out",
    );
  const foreign = addresses.find((address) => !isAssigned(address, assigned));
  if (foreign === undefined) return undefined;
  const message = `the address ${JSON.stringify(foreign)} is not one that all Gateways of this class have`;
  return unmet("Accepted", "UnsupportedAddress", message);
}

function isAssigned(address: unknown, assigned: readonly Address[]): boolean {
  const read = v.safeParse(wantedAddress, address);
  if (!read.success) return false;
  return assigned.some(({ type, value }) => type === read.output.type && value === read.output.value);
}
