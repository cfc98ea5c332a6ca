import type { OutgoingFields } from "../../http/outgoing-answer.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** An answer on its way to the client, before the first byte of its body. */
export interface Answer {
  readonly exchange: Exchange;
  /** What the client will get; a filter may change it. */
  status: number;
  /** What the client will get; filters change them in place. */
  readonly headers: OutgoingFields;
  /** Bytes of the body as it came; NaN where nobody said. */
  readonly lengthBytes: number;
  /** False for HEAD and for statuses without a body. */
  readonly hasBody: boolean;
}
