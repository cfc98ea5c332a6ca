import type { ServerConfig } from "../../config/config.ts";
import type { Time } from "../../runtime/host.ts";

/** A server that leaves and comes back within this time flaps, ms; it is then held for as long when it leaves again. */
const heldForMs = 60_000;

/** More servers than this are not remembered. */
const mostRemembered = 4_096;

interface Seen {
  readonly server: ServerConfig;
  readonly seenAt: number;
  /** Whether the last answer did not name it. */
  readonly isAway: boolean;
  readonly flaps: boolean;
}

/**
 * Damps answers that flap. Many name servers give a changing choice of a service's addresses: taken at their word, servers
 * would come and go with every look, and none would ever have statistics or sticky sessions.
 *
 * A server that leaves for the first time leaves at once. One that came back within a minute is known to flap, and stays from
 * then on until no answer has named it for a minute.
 */
export class Comebacks {
  readonly #time: Pick<Time, "monotonicMs">;
  readonly #known = new Map<string, Seen>();

  constructor(time: Pick<Time, "monotonicMs">) {
    this.#time = time;
  }

  /** The servers of an answer, and those that answers to come are likely to name again. */
  hold(servers: readonly ServerConfig[]): readonly ServerConfig[] {
    const nowMs = this.#time.monotonicMs();
    const named = new Set(servers.map(({ url }) => url));
    for (const server of servers) this.#see(server, nowMs);
    for (const [url, seen] of this.#known) if (!named.has(url)) this.#miss(url, seen, nowMs);
    const held = [...this.#known.values()].filter(({ isAway, flaps }) => isAway && flaps);
    return [...servers, ...held.map(({ server }) => server)];
  }

  #see(server: ServerConfig, seenAt: number): void {
    const known = this.#known.get(server.url);
    if (!known && this.#known.size >= mostRemembered) return;
    const flaps = known !== undefined && (known.flaps || known.isAway);
    this.#known.set(server.url, { server, seenAt, isAway: false, flaps });
  }

  #miss(url: string, seen: Seen, nowMs: number): void {
    if (nowMs - seen.seenAt > heldForMs) this.#known.delete(url);
    else this.#known.set(url, { ...seen, isAway: true });
  }
}
