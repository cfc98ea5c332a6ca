/** Why a body that filters work on does not come to its end. */
export type ClientBodyFault = "long_body" | "slow_body" | "client_left" | "unreadable_body";

/** What is known of a client's body that filters work on. */
export interface ReceivedBody {
  /** Why it broke off; undefined while it did not, or where it is not the client's doing. */
  fault: ClientBodyFault | undefined;
  /** Bytes that the client has sent. */
  readonly bytes: number;
  /** When it last sent any, monotonic ms. */
  readonly movedMs: number;
}
