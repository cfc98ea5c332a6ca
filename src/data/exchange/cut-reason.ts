import type { ClientBodyFault } from "./received-body.ts";

/** Why an attempt was given up though neither its server nor we failed: the client caused it, or another was faster. */
export type CutReason = ClientBodyFault | "slow_reader" | "outrun";

const cutReasons: ReadonlySet<string> = new Set<CutReason>([
  "client_left",
  "slow_body",
  "long_body",
  "unreadable_body",
  "slow_reader",
  "outrun",
]);

/** Whether it is a reason to give up that is nobody's failure but, perhaps, the client's. */
export function isCutReason(fault: string): fault is CutReason {
  return cutReasons.has(fault);
}
