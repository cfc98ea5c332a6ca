import type { Reply } from "../../runtime/client.ts";
import type { Stage } from "../transform/stage.ts";
import type { Attempt } from "./attempt.ts";
import type { TimeLimits } from "./time-limits.ts";

/** A server's answer on its way to the client. */
export interface Relayed {
  readonly attempt: Attempt;
  readonly reply: Reply;
  readonly limits: TimeLimits;
  /** What the route does to its answers; undefined where they pass untouched. */
  readonly stage?: Stage | undefined;
}
