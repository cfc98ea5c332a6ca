import type { Board } from "../../board/board.ts";
import type { Host } from "../../runtime/host.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Notify } from "../plane-event.ts";
import type { Deadlines } from "../deadlines.ts";

/** What forwarding needs besides the exchange and its upstream. */
export interface ForwardTools {
  readonly host: Host;
  readonly board: Board;
  readonly deadlines: Deadlines;
  /** Tells the control plane what happens to servers. */
  readonly notify: Notify;
  /** Counts and logs an exchange whose answer streams: when its last byte was handed over, or when it broke off. */
  readonly end: (exchange: Exchange, broken: string) => void;
  /** Says in the log what went wrong inside. */
  readonly reportFault: (exchange: Exchange, error: unknown) => void;
}
