import { Connection } from "./connection.ts";
import type { ConnectionHome, ConnectionUser, WireAddress } from "./connection.ts";

/** More idle connections than these are not kept for one server. */
const MAX_IDLE = 256;

/** How connections to one server are kept. */
export interface PoolOptions {
  /** Whether they are kept at all. */
  readonly isKept: boolean;
  /** Told of each connection that is put aside: from now on `age` must be called. */
  readonly rested: () => void;
}

/** The connections to one server that nobody uses just now; the last one put aside is used first, so that others may go. */
export class Pool implements ConnectionHome {
  /** Whether connections are kept for later requests. */
  readonly isKept: boolean;
  readonly #address: WireAddress;
  readonly #idle: Connection[] = [];
  readonly #rested: () => void;
  #tick = 0;
  #isClosed = false;

  constructor(address: WireAddress, { isKept, rested }: PoolOptions) {
    this.#address = address;
    this.isKept = isKept;
    this.#rested = rested;
  }

  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** A connection that is open already; undefined where there is none. */
  take(user: ConnectionUser): Connection | undefined {
    const connection = this.#idle.pop();
    connection?.use(user);
    return connection;
  }

  /** A new one, which its user hears of when it is open. */
  open(user: ConnectionUser, connectMs: number): Connection {
    const connection = new Connection(this, user);
    connection.open(this.#address, connectMs);
    return connection;
  }

  /** Puts a connection aside for the next request. */
  give(connection: Connection): void {
    if (!this.isKept || this.#isClosed || this.#idle.length >= MAX_IDLE) return connection.close();
    connection.idleSince = this.#tick;
    this.#idle.push(connection);
    connection.rest();
    this.#rested();
  }

  /** Time passes: closes what has been idle for so many ticks. */
  age(ticks: number): void {
    this.#tick++;
    while ((this.#idle[0]?.idleSince ?? Infinity) <= this.#tick - ticks) this.#idle[0]?.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.slice()) connection.close();
  }

  leave(connection: Connection): void {
    const place = this.#idle.lastIndexOf(connection);
    if (place >= 0) this.#idle.splice(place, 1);
  }
}
