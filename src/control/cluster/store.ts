import type { Time } from "../../runtime/host.ts";
import type { Script } from "./script.ts";
import { isUnknownScript } from "./store-fault.ts";

/** How the store is reached. */
export interface StoreOptions {
  /** `redis://` or `rediss://`, perhaps with user, password and the number of a database. */
  readonly url: string;
  /** With `rediss://`: PEM texts; "" = the system's authorities, or none. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** A store that has not answered by then counts as away, ms. */
  readonly timeoutMs: number;
  readonly time: Time;
}

/** What the client library gives us, as far as we use it. */
interface Connection {
  evalSha(sha1: string, options: Call): Promise<unknown>;
  eval(text: string, options: Call): Promise<unknown>;
  destroy(): void;
}

interface Call {
  keys: string[];
  arguments: string[];
}

/**
 * One connection to the store, opened anew by the next call after it broke. Every call ends in time: a store that hangs
 * costs its connection, since answers that come late would be taken for others.
 */
export class Store {
  readonly #options: StoreOptions;
  #connecting: Promise<Connection> | undefined;
  /** The one that is used, or about to be. */
  #current: Connection | undefined;
  /** Connections that were given up because one of their answers did not come. */
  readonly #late = new WeakSet<Connection>();
  #isOpen = false;
  #isClosed = false;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Whether the next call finds a connection. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Runs a script. Rejects where the store is away, or refuses. */
  async run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    const call = { keys: [...keys], arguments: [...values] };
    const connection = await this.#connect();
    const answer = connection.evalSha(script.sha1, call).catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error;
      return connection.eval(script.text, call);
    });
    return this.#inTime(answer, connection);
  }

  /** Closes the connection at once; what is under way rejects. */
  close(): void {
    this.#isClosed = true;
    if (this.#current) this.#drop(this.#current);
  }

  #connect(): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(new Error("it is being left"));
    this.#connecting ??= this.#open();
    return this.#connecting;
  }

  async #open(): Promise<Connection> {
    const { createClient } = await import("@redis/client"); // a third of a second: only who has a cluster waits for it
    const client = createClient(clientOptions(this.#options));
    const connection: Connection = client;
    this.#current = connection;
    client.on("error", () => this.#drop(connection)); // calls under way are told as well
    const connected = client.connect().catch((error: unknown) => {
      this.#drop(connection);
      throw error;
    });
    await this.#inTime(connected, connection);
    this.#isOpen = this.#current === connection;
    if (this.#isClosed) this.#drop(connection);
    return connection;
  }

  async #inTime<T>(answer: Promise<T>, connection: Connection): Promise<T> {
    const { time, timeoutMs } = this.#options;
    const timer = time.after(timeoutMs, () => {
      this.#late.add(connection);
      this.#drop(connection);
    });
    try {
      return await answer;
    } catch (error) {
      throw this.#late.has(connection) ? new Error("no answer in time", { cause: error }) : error;
    } finally {
      timer.stop();
    }
  }

  #drop(connection: Connection): void {
    if (this.#current === connection) {
      this.#isOpen = false;
      this.#connecting = undefined;
      this.#current = undefined;
    }
    try {
      connection.destroy();
    } catch {
      // it was closed already
    }
  }
}

/** We decide when to connect again; a call never waits in a queue for that. */
function clientOptions({ url, tls: { ca, cert, key }, timeoutMs }: StoreOptions) {
  const isTls = url.startsWith("rediss:");
  const texts = { ...(ca !== "" && { ca }), ...(cert !== "" && { cert }), ...(key !== "" && { key }) };
  const socket = { connectTimeout: timeoutMs, reconnectStrategy: false as const };
  return {
    url,
    RESP: 2 as const,
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: isTls ? { ...socket, ...texts, tls: true as const } : socket,
  };
}
