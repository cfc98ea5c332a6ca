import type { Time } from "../../runtime/host.ts";
import {
  entryValues,
  ledgerPage,
  ledgerScript,
  longestEntry,
  readLedgerReply,
  type StoredEntry,
} from "./ledger-script.ts";
import type { Store } from "./store.ts";

/** What a ledger works with. */
export interface LedgerOptions {
  /** Who writes here. */
  readonly node: string;
  /** The store's key of the entries; their order stands beside it. */
  readonly key: string;
  /** More entries than this are not kept: the oldest changes go first. */
  readonly most: number;
  readonly time: Pick<Time, "monotonicMs">;
  /** Does here what another node said; false where that makes no sense. */
  readonly apply: (change: LedgerChange) => boolean;
}

/** What another node said. */
export interface LedgerChange {
  readonly name: string;
  readonly payload: string;
  /** 0 = it does not end. */
  readonly leftMs: number;
}

/** An entry as this node knows it. */
interface Entry {
  readonly count: number;
  readonly node: string;
  readonly payload: string;
  /** Monotonic clock, ms; Infinity = it does not end. */
  readonly endsAt: number;
}

/** What is known of an entry's age, to be kept over a restart. */
export type EntryMark = readonly [name: string, count: number, node: string];

/** For how long the store keeps what nobody refreshes, ms: a month. */
export const keptMs = 30 * 86_400_000;

/**
 * Values by name that all nodes agree on: the last writer wins, by a count that goes up with each write that is seen
 * (Lamport's clock), so that no clock on a wall decides. A value that was taken back is a value too.
 *
 * Everything is read from the beginning when the store was away or lost it, and now and then in any case; what is missing
 * there is written again. So nodes agree in the end whatever got lost between.
 *
 * Source: Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #unsaid = new Set<string>();
  #count = 0;
  #revision = "0";
  #missing: Set<string> | undefined = new Set();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Whether all that the store had was read at least once since the last `readAnew`. */
  get isRead(): boolean {
    return this.#missing === undefined;
  }

  /** What is known of a name; undefined where that is nothing, or has ended. */
  find(name: string): { readonly payload: string; readonly leftMs: number } | undefined {
    const entry = this.#entries.get(name);
    const leftMs = entry ? entry.endsAt - this.#options.time.monotonicMs() : 0;
    return entry && leftMs > 0 ? { payload: entry.payload, leftMs } : undefined;
  }

  /** Says something to all nodes, for so long (0 = until something else is said). */
  say({ name, payload, leftMs }: LedgerChange): void {
    if (name.length + payload.length > longestEntry / 2) return;
    this.#count++;
    this.#keep(name, { count: this.#count, node: this.#options.node, payload, endsAt: this.#endOf(leftMs) });
    this.#unsaid.add(name);
  }

  /** Takes in what was known in an earlier life: said to the others where they know nothing newer. */
  recall([name, count, node]: EntryMark, payload: string): void {
    this.#count = Math.max(this.#count, count);
    this.#keep(name, { count, node, payload, endsAt: Infinity });
    this.#missing?.add(name);
  }

  /** What is known of the age of each entry. */
  marks(): EntryMark[] {
    return [...this.#entries].map(([name, { count, node }]) => [name, count, node]);
  }

  /** Reads everything from the beginning with the next exchange. */
  readAnew(): void {
    this.#revision = "0";
    this.#missing = new Set(this.#entries.keys());
  }

  /** Says what is unsaid, and hears what others said; gives how many values of the store are not ours. */
  async exchange(store: Store): Promise<number> {
    let foreign = 0;
    for (let page = 0; page < mostPages; page++) {
      const reply = readLedgerReply(await this.#run(store));
      if (reply.isGone) this.readAnew();
      this.#revision = reply.revision;
      foreign += reply.foreign + this.#hear(reply.entries);
      if (reply.hasMore) continue;
      this.#finishReading();
      if (this.#unsaid.size === 0) break;
    }
    this.#forgetEnded();
    return foreign;
  }

  async #run(store: Store): Promise<unknown> {
    const { key, most } = this.#options;
    const said = [...this.#unsaid].slice(0, ledgerPage);
    const values = said.flatMap((name) => this.#valuesOf(name));
    for (const name of said) this.#unsaid.delete(name); // before: something else may be said meanwhile
    try {
      const bounds = [this.#revision, String(keptMs), String(most)];
      return await store.run(ledgerScript, [key, `${key}:log`], [...bounds, ...values]);
    } catch (error) {
      for (const name of said) this.#unsaid.add(name);
      throw error;
    }
  }

  #valuesOf(name: string): string[] {
    const entry = this.#entries.get(name);
    const found = this.find(name);
    if (!entry || !found) return [];
    return entryValues({ ...entry, name, leftMs: found.leftMs === Infinity ? 0 : Math.ceil(found.leftMs) });
  }

  /** Gives how many entries make no sense. */
  #hear(entries: readonly StoredEntry[]): number {
    return entries.filter((entry) => !this.#hearOne(entry)).length;
  }

  #hearOne(stored: StoredEntry): boolean {
    const { name, count, node, payload, leftMs } = stored;
    this.#count = Math.max(this.#count, count); // also of what makes no sense: what we say next shall win over it
    const known = this.#entries.get(name);
    if (!known || isNewer(stored, known)) {
      if (!this.#options.apply({ name, payload, leftMs })) return false;
      this.#keep(name, { count, node, payload, endsAt: this.#endOf(leftMs) });
      this.#unsaid.delete(name);
    }
    if (!known || !isNewer(known, stored)) this.#missing?.delete(name);
    return true;
  }

  /** What the store does not have, or has in an older form, is said again. */
  #finishReading(): void {
    for (const name of this.#missing ?? []) this.#unsaid.add(name);
    this.#missing = undefined;
  }

  #keep(name: string, entry: Entry): void {
    this.#entries.delete(name); // to the end: the oldest change stands first
    this.#entries.set(name, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.most && oldest !== undefined) this.#entries.delete(oldest);
  }

  #forgetEnded(): void {
    const nowMs = this.#options.time.monotonicMs();
    for (const [name, { endsAt }] of this.#entries) if (endsAt <= nowMs) this.#entries.delete(name);
  }

  #endOf(leftMs: number): number {
    return leftMs > 0 ? this.#options.time.monotonicMs() + leftMs : Infinity;
  }
}

/** By so many calls an exchange ends, whatever is left: the next one goes on. */
const mostPages = 64;

function isNewer(one: Pick<Entry, "count" | "node">, other: Pick<Entry, "count" | "node">): boolean {
  return one.count > other.count || (one.count === other.count && one.node > other.node);
}
