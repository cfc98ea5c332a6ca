import type { Exchange } from "../exchange/exchange.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import type { KeptBody } from "./body/kept-body.ts";
import type { Stage } from "../transform/stage.ts";
import type { TimeLimits } from "./time-limits.ts";

/** Where a route sends its requests. */
export interface ForwardPlan {
  readonly upstream: Upstream;
  readonly limits: TimeLimits;
  /** Sends copies elsewhere; undefined where none are wanted. */
  readonly mirror?: Mirror | undefined;
  /** Statuses of servers that our own page stands in for. */
  readonly intercepted?: ReadonlySet<number> | undefined;
  /** What the route does to answers; undefined where they pass untouched. */
  readonly stage?: Stage | undefined;
}

/** Sends a copy of a request whose answer nobody waits for. */
export type Mirror = (exchange: Exchange, body: KeptBody | undefined) => void;

/** A request on its way, over all its attempts. */
export interface Sending {
  readonly exchange: Exchange;
  readonly plan: ForwardPlan;
  readonly tools: ForwardTools;
  readonly body: KeptBody | undefined;
  /** What the policy keeps the client with its server by. */
  readonly key: number;
  /** The place of the client's own server; -1 = none. */
  readonly preferred: number;
  /** Servers that were tried, by their place. */
  readonly tried: number[];
}
