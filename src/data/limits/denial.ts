import { refusalCounter } from "../../board/refusal-reasons.ts";
import type { RefusalReason } from "../../board/refusal-reasons.ts";
import type { Refusal } from "../../http/failures.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Seals } from "../challenge/seals.ts";
import type { RateTableTools } from "./rate-table.ts";
import type { LagMeter } from "./lag-meter.ts";

/** Why an exchange may not go on: what its client gets, and what it is counted as. */
export interface Denial {
  readonly reason: RefusalReason;
  readonly refusal: Refusal;
  /** Whether it is the client's own allowance that is used up, and not one that it shares. */
  readonly isOfClient?: boolean;
}

/** Looks at one thing; `client` is the prefix that the client counts under. Undefined where the exchange may pass. */
export type Check = (exchange: Exchange, client: string) => Denial | undefined;

/** What checks work with. */
export interface LimitTools extends RateTableTools {
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Header fields longer than this never reach us, bytes: the runtime refuses them itself. */
  readonly headerCapBytes: number;
  /** How far behind this worker is. */
  readonly lag: LagMeter;
  readonly seals: Seals;
  /** Chance, on which no secret hangs. */
  readonly random: () => number;
}

/** Counts a refusal by its reason. */
export function countDenial(reason: RefusalReason, { board }: Pick<LimitTools, "board">): void {
  board.count(refusalCounter(reason), 1);
}
