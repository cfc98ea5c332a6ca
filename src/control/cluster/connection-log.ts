import type { Log } from "../log.ts";

/** Says in the log when the store goes and when it comes back: once each time, and the first time in any case. */
export class ConnectionLog {
  readonly #log: Log;
  readonly #store: string;
  #reason: string | null | undefined;

  constructor(log: Log, store: string) {
    this.#log = log;
    this.#store = store;
  }

  /** Why the store is away; null while it is not; undefined before anything is known. */
  get reason(): string | null | undefined {
    return this.#reason;
  }

  /** The store answers. */
  connected(nodes: number): void {
    const message = this.#reason === undefined ? "joined the cluster" : "the cluster's store is back";
    if (this.#reason !== null) this.#log.info(message, { store: this.#store, nodes });
    this.#reason = null;
  }

  /** The store is away. */
  lost(reason: string): void {
    if (this.#reason === null || this.#reason === undefined)
      this.#log.warn("the cluster's store is away: this node goes on alone", { store: this.#store, reason });
    this.#reason = reason;
  }
}
