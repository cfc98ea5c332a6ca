import type { Log } from "../log.ts";
import { keptMs } from "./ledger.ts";
import { Namesake } from "./namesake.ts";
import { leaveScript, readReportReply, reportScript } from "./report-script.ts";
import { readSecret, secretScript } from "./secret-script.ts";
import type { SharedBans } from "./shared-bans.ts";
import type { SharedLoad } from "./shared-load.ts";
import type { SharedOrders } from "./shared-orders.ts";
import { isForeignKey } from "./store-fault.ts";
import type { Store } from "./store.ts";

/** What is exchanged, and with whom. */
export interface ExchangeOptions {
  readonly store: Store;
  /** This node's name, as it stands in the store. */
  readonly node: string;
  /** Before every key. */
  readonly prefix: string;
  readonly intervalMs: number;
  readonly load: SharedLoad;
  readonly orders: SharedOrders;
  readonly bans: SharedBans;
  readonly log: Log;
}

/** Takes the secret of sticky cookies that all nodes use from now on. */
export type AdoptSecret = (secret: string) => void;

/** A silent node is forgotten after so long at the earliest, ms. */
const forgottenMs = 60_000;

/** One exchange with the other nodes after the other: what is said, what is heard, and what in the store is not ours. */
export class Exchange {
  /** Values that were ignored, because they are not ours or make no sense. */
  ignored = 0;
  readonly #options: ExchangeOptions;
  readonly #namesake: Namesake;
  readonly #told = new Set<string>();
  #secret = "";
  #adopt: AdoptSecret = () => {};

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#namesake = new Namesake(options);
  }

  /** The secret that this node offers, and then the one that all use. */
  get secret(): string {
    return this.#secret;
  }

  /** Offers a secret, and hands on the one that all use where it is another. */
  agreeOn(secret: string, adopt: AdoptSecret): void {
    this.#secret = secret;
    this.#adopt = adopt;
  }

  /** Says and hears everything. Rejects where the store is away. */
  async run(): Promise<void> {
    const { orders, bans, store } = this.#options;
    const parts = await Promise.allSettled([
      this.#guard("nodes", () => this.#reports()),
      this.#guard("secret", () => this.#agree()),
      this.#guard("orders", () => orders.exchange(store)),
      this.#guard("bans", () => bans.exchange(store)),
    ]);
    const failed = parts.find((part) => part.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Compares everything anew with the next exchange. */
  readAnew(): void {
    this.#options.orders.readAnew();
    this.#options.bans.readAnew();
  }

  /** Takes this node out. */
  async leave(): Promise<void> {
    const { store, node } = this.#options;
    await store.run(leaveScript, [this.#keyOf("nodes")], [node, this.#namesake.instance]);
  }

  /** What is not ours under one key does not keep the others from being used. */
  async #guard(key: string, part: () => Promise<number>): Promise<void> {
    try {
      const foreign = await part();
      this.ignored += foreign; // not in one: others count meanwhile
    } catch (error) {
      if (!isForeignKey(error)) throw error;
      this.ignored++;
      this.#tellForeign(key);
    }
  }

  async #reports(): Promise<number> {
    const { store, node, load, intervalMs } = this.#options;
    const keepMs = Math.max(10 * intervalMs, forgottenMs);
    const values = [node, this.#namesake.instance, load.report(), String(Math.round(keepMs))];
    const reply = readReportReply(await store.run(reportScript, [this.#keyOf("nodes")], values));
    this.#namesake.see(reply.predecessor);
    return reply.foreign + load.hear(reply.others);
  }

  async #agree(): Promise<number> {
    const reply = await this.#options.store.run(
      secretScript,
      [this.#keyOf("secret")],
      [this.#secret, String(keptMs)],
    );
    const agreed = readSecret(reply);
    if (agreed === undefined) this.#tellForeign("secret");
    else if (agreed !== this.#secret) {
      this.#secret = agreed;
      this.#adopt(agreed);
    }
    return agreed === undefined ? 1 : 0;
  }

  #tellForeign(name: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    const key = this.#keyOf(name);
    this.#options.log.warn("something else stands in the cluster's store under a key of ours", { key });
  }

  #keyOf(name: string): string {
    return `${this.#options.prefix}:${name}`;
  }
}
