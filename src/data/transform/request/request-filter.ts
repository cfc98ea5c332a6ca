import type { OutgoingAnswer } from "../../../http/outgoing-answer.ts";
import type { Refusal } from "../../../http/failures.ts";
import type { Exchange } from "../../exchange/exchange.ts";

/** One filter of a route's requests, made once for a snapshot. */
export interface RequestFilter {
  /** Its kind and what it does, in a few words: for logs and `headgate explain`. */
  readonly name: string;
  /** Changes what goes on to the server, or gives the answer where the request ends here. */
  apply(exchange: Exchange): Verdict | Promise<Verdict>;
}

/** Undefined = it goes on. */
export type Verdict = Refusal | OutgoingAnswer | undefined;
