import type { BodySource } from "../../../runtime/client.ts";

/** A server's body, as far as it was read before anybody took it. */
export interface ReadAhead {
  readonly source: BodySource;
  /** What was read and not yet passed on. */
  readonly chunks: Uint8Array[];
  /** A read under way that nobody has taken yet. */
  pending: Promise<Uint8Array | undefined> | undefined;
}
