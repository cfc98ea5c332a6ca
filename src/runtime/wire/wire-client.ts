import { fetchOver } from "../fetch-over.ts";
import type { Call, Client, ClientOptions, ClientRequest, ClientTls } from "../client.ts";
import { WireCall } from "./call.ts";
import type { WireAddress } from "./connection.ts";
import { Pool } from "./pool.ts";
import type { PoolOptions } from "./pool.ts";

/** So many times within its idle time a connection is looked at. */
const LOOKS = 4;

/**
 * An HTTP/1.1 client over sockets of our own. `fetch` hands every request to another thread and back, which costs more than
 * all the rest of a small request; and it sends what it thinks best.
 */
export class WireClient implements Client {
  readonly fetch = fetchOver(this);
  readonly #idleTimeoutMs: number;
  readonly #tls: Bun.TLSOptions;
  readonly #pooling: PoolOptions;
  readonly #pools = new Map<string, Pool>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ idleTimeoutMs, tls }: ClientOptions) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#tls = toBunTls(tls);
    this.#pooling = { isKept: idleTimeoutMs > 0, rested: () => this.#startAging() };
  }

  /** @throws {Error} where the request could be read as another. */
  send(request: ClientRequest): Call {
    return new WireCall(request, this.#poolOf(request.origin));
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #poolOf(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const pool = new Pool(addressOf(origin, this.#tls), this.#pooling);
    this.#pools.set(origin, pool);
    return pool;
  }

  #startAging(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#age(), this.#idleTimeoutMs / LOOKS);
    this.#timer.unref();
  }

  #age(): void {
    let hasIdle = false;
    for (const pool of this.#pools.values()) {
      pool.age(LOOKS);
      hasIdle ||= pool.hasIdle;
    }
    if (hasIdle) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function addressOf(origin: string, tls: Bun.TLSOptions): WireAddress {
  const { protocol, hostname, port } = new URL(origin);
  const isSecure = protocol === "https:";
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port || (isSecure ? 443 : 80)),
    tls: isSecure ? tls : undefined,
  };
}

function toBunTls(tls: ClientTls | undefined): Bun.TLSOptions {
  const rules = { rejectUnauthorized: tls?.verify ?? true, ALPNProtocols: "http/1.1" };
  return tls ? { ...rules, ...withoutAbsent(tls) } : rules;
}

/** Bun takes an option that is there but undefined for a mistake. */
function withoutAbsent({ ca, serverName, cert, key }: ClientTls): Bun.TLSOptions {
  return Object.fromEntries(
    Object.entries({ ca, serverName, cert, key }).filter(([, value]) => value !== undefined),
  );
}
