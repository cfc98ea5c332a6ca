import * as v from "valibot";
import type { Board } from "../../board/board.ts";
import { refusalReasons } from "../../board/refusal-reasons.ts";
import { banName, type ClientBan, liftBan, listBans, restoreBan } from "../../data/limits/bans.ts";
import type { Time } from "../../runtime/host.ts";
import { Ledger, type LedgerChange } from "./ledger.ts";
import type { Store } from "./store.ts";

/** What bans are shared with. */
export interface SharedBansOptions {
  readonly node: string;
  /** The store's key. */
  readonly key: string;
  readonly board: Board;
  readonly time: Pick<Time, "now" | "monotonicMs">;
  readonly intervalMs: number;
}

/** Why a client is banned, and by how many refusals; null = the ban was lifted. */
const payload = v.nullable(
  v.tuple([v.picklist(refusalReasons), v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 31 - 1))]),
);

/** More bans than this are not shared. */
const mostBans = 10_000;

/** Bans that differ by less are the same, ms. */
const toleranceMs = 1_000;

/** After so many intervals every node has told of its bans. */
const pardonIntervals = 3;

/** The longest that a ban from elsewhere is believed, ms. */
const longestMs = 31 * 86_400_000;

/** Who is banned by one node is banned by all, and who is pardoned by one is by all. */
export class SharedBans {
  readonly #options: SharedBansOptions;
  readonly #ledger: Ledger;
  readonly #pardons = new Map<string, number>();

  constructor(options: SharedBansOptions) {
    this.#options = options;
    this.#ledger = new Ledger({ ...options, most: mostBans, apply: (change) => this.#hear(change) });
  }

  /** A person banned a client here. */
  say(ban: ClientBan): void {
    const leftMs = ban.until - this.#options.time.now();
    this.#ledger.say({ name: ban.client, payload: JSON.stringify([ban.reason, ban.refusals]), leftMs });
  }

  /**
   * A person lifted a ban here. That is said as long as the ban could be known to somebody. Of a ban that nobody has told
   * of yet it is not known whether another node made it too: if that comes to be told just after, it is lifted as well.
   */
  lift(client: string): void {
    const name = banName(client);
    const { time, intervalMs } = this.#options;
    const untilMs = time.monotonicMs() + pardonIntervals * intervalMs;
    if (name !== undefined && !this.#pardon(name)) this.#pardons.set(name, untilMs);
  }

  /** Everything is compared with the next exchange. */
  readAnew(): void {
    this.#ledger.readAnew();
  }

  /** Exchanges with the other nodes; gives how many values of the store are not ours. */
  async exchange(store: Store): Promise<number> {
    if (this.#ledger.isRead) this.#sayNew(); // not before we know what was lifted while we were away
    const foreign = await this.#ledger.exchange(store);
    return this.#pardonLate() ? foreign + (await this.#ledger.exchange(store)) : foreign;
  }

  #pardonLate(): boolean {
    const nowMs = this.#options.time.monotonicMs();
    const pardoned = [...this.#pardons.keys()].filter((name) => this.#pardon(name));
    for (const [name, untilMs] of this.#pardons)
      if (untilMs < nowMs || pardoned.includes(name)) this.#pardons.delete(name);
    return pardoned.length > 0;
  }

  /** False where no node has said that it is banned. */
  #pardon(name: string): boolean {
    const known = this.#ledger.find(name);
    if (!known || known.payload === "null") return false;
    const { board, time } = this.#options;
    liftBan(board, name, time.now());
    this.#ledger.say({ name, payload: "null", leftMs: known.leftMs });
    return true;
  }

  /** The workers ban by themselves: what stands on the board and was not said yet is said now. */
  #sayNew(): void {
    const nowMs = this.#options.time.now();
    for (const ban of listBans(this.#options.board, nowMs)) {
      const known = this.#ledger.find(ban.client);
      const isSaid = known && known.payload !== "null" && known.leftMs >= ban.until - nowMs - toleranceMs;
      if (!isSaid) this.say(ban);
    }
  }

  #hear({ name, payload: text, leftMs }: LedgerChange): boolean {
    const said = parsePayload(text);
    if (said === undefined || banName(name) !== name || leftMs <= 0 || leftMs > longestMs) return false;
    const { board, time } = this.#options;
    if (said === null) liftBan(board, name, time.now());
    else this.#ban({ client: name, until: time.now() + leftMs, reason: said[0], refusals: said[1] });
    return true;
  }

  #ban(ban: ClientBan): void {
    const { board, time } = this.#options;
    restoreBan(board, ban, time.now());
  }
}

function parsePayload(text: string): v.InferOutput<typeof payload> | undefined {
  try {
    const read = v.safeParse(payload, JSON.parse(text));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}
