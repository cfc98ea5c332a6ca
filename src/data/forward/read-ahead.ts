/** A server's body, as far as it was read before anybody took it. */
export interface ReadAhead {
  readonly source: { read(): Read };
  /** What was read and not yet passed on. */
  readonly chunks: Uint8Array[];
  /** A read under way that nobody has taken yet. */
  pending: Read | undefined;
}

/** One read of a body. */
export type Read = Promise<{ readonly value?: Uint8Array | undefined; readonly done: boolean }>;
