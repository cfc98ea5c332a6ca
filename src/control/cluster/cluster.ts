import type { Board } from "../../board/board.ts";
import type { ClusterConfig } from "../../config/config.ts";
import type { ClientBan } from "../../data/limits/bans.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { Host, Timer } from "../../runtime/host.ts";
import type { HealthSupervisor } from "../health/supervisor.ts";
import { type Log, redactUserinfo } from "../log.ts";
import type { Override, ServerName } from "../servers/overrides.ts";
import type { ClusterStatus } from "./cluster-status.ts";
import { ConnectionLog } from "./connection-log.ts";
import { type AdoptSecret, Exchange } from "./exchange.ts";
import { RateLeases } from "./rate-leases.ts";
import { SharedBans } from "./shared-bans.ts";
import { sharedLaws } from "./shared-laws.ts";
import { SharedLoad } from "./shared-load.ts";
import { SharedOrders, type SharedOrdersOptions } from "./shared-orders.ts";
import { Store, type StoreOptions } from "./store.ts";
import { describeStoreFault } from "./store-fault.ts";

/** What a node of a cluster is made of. */
export interface ClusterOptions {
  readonly config: ClusterConfig;
  /** This node's name, where the configuration gives none. */
  readonly hostname: string;
  readonly tls: StoreOptions["tls"];
  readonly host: Host;
  readonly log: Log;
  readonly board: Board;
  /** How people's words are known and obeyed here. */
  readonly orders: Pick<SharedOrdersOptions, "overrides" | "obey" | "marks" | "keepMarks">;
}

/** What a node works with once it runs. */
export interface RunningNode {
  readonly health: HealthSupervisor;
  /** The secret of sticky cookies that is in use. */
  readonly secret: string;
  /** Takes another one, which all nodes use: such as when the store comes back. */
  readonly adopt: AdoptSecret;
  /** Does at once what a person said at another node. */
  readonly obey: SharedOrdersOptions["obey"];
}

/** So often within an interval this node looks at what is under way. */
const looksPerInterval = 8;

/** So often within an interval leases of limits are renewed. */
const renewalsPerInterval = 10;

/** No timer of ours goes off more often, ms. */
const shortestMs = 20;

/** How long an answer of the store may take, ms. */
const patience = { least: 1_000, most: 5_000 };

/** After so many exchanges everything is compared anew. */
const exchangesPerReading = 60;

/** A node that starts, or stops, waits so long for the store at most, ms. */
const greetingMs = { join: 1_500, leave: 500 };

/**
 * One node of several. Once an interval it tells the others, by way of the store, what they need to know, and hears the
 * same from them; no request waits for that. While the store is away each node goes on alone.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #node: string;
  readonly #store: Store;
  readonly #connection: ConnectionLog;
  readonly #load: SharedLoad;
  readonly #orders: SharedOrders;
  readonly #bans: SharedBans;
  readonly #leases: RateLeases;
  readonly #exchange: Exchange;
  readonly #timers: Timer[] = [];
  readonly #counts = { succeeded: 0, failed: 0 };
  #changedAt: number;
  #exchangeMs: number | null = null;
  #underWay: Promise<void> | undefined;
  #isAskedAgain = false;
  #isStopped = false;

  constructor(options: ClusterOptions) {
    const { config, host, log, hostname, tls, board, orders } = options;
    const { time } = host;
    const { prefix, interval: intervalMs } = config;
    const timeoutMs = Math.min(patience.most, Math.max(patience.least, intervalMs));
    this.#options = options;
    this.#node = config.node ?? hostname;
    this.#changedAt = time.monotonicMs();
    this.#connection = new ConnectionLog(log, redactUserinfo(config.store));
    const store = new Store({ url: config.store, tls, timeoutMs, time });
    const common = { node: encodeURIComponent(this.#node), time, board, prefix, intervalMs, log, store };
    this.#store = store;
    this.#load = new SharedLoad(common);
    this.#orders = new SharedOrders({ ...common, ...orders, key: `${prefix}:orders` });
    this.#bans = new SharedBans({ ...common, key: `${prefix}:bans` });
    this.#leases = new RateLeases({ ...common, prefix: `${prefix}:rate:`, termMs: 3 * intervalMs });
    this.#exchange = new Exchange({ ...common, load: this.#load, orders: this.#orders, bans: this.#bans });
  }

  /** Whether the last exchange succeeded. */
  get isConnected(): boolean {
    return this.#connection.reason === null;
  }

  /** Learns what the other nodes know before the first request comes, and gives the secret that all use; goes on alone in time. */
  async join(secret: string): Promise<string> {
    this.#exchange.agreeOn(secret, () => {});
    await this.#orLate(this.exchange(), greetingMs.join);
    return this.#exchange.secret;
  }

  /** Exchanges once an interval from now on. */
  begin({ health, secret, adopt, obey }: RunningNode): void {
    const { host, config } = this.#options;
    const agreed = this.#exchange.secret;
    this.#load.connect(health);
    this.#orders.obeyBy(obey);
    this.#exchange.agreeOn(agreed, adopt);
    if (agreed !== secret) adopt(agreed); // it came late
    const every = (part: number, run: () => void): void => {
      this.#timers.push(host.time.every(Math.max(shortestMs, config.interval / part), run));
    };
    every(1, () => void this.exchange());
    every(looksPerInterval, () => this.#load.tick());
    every(renewalsPerInterval, () => void this.#renewLeases());
  }

  /** Works by this snapshot from now on. */
  follow(snapshot: Snapshot): void {
    this.#load.follow(snapshot);
    this.#leases.follow(sharedLaws(snapshot.config));
  }

  /** A person said something about a server here: the others hear it at once. */
  shareOrder(name: ServerName, override: Override | undefined): void {
    this.#orders.say(name, override);
    void this.exchange();
  }

  /** A person banned a client here. */
  shareBan(ban: ClientBan): void {
    this.#bans.say(ban);
    void this.exchange();
  }

  /** A person lifted a ban here. */
  shareLift(client: string): void {
    this.#bans.lift(client);
    void this.exchange();
  }

  /** Exchanges now, or once more after what is under way. Never rejects. */
  exchange(): Promise<void> {
    if (this.#underWay) this.#isAskedAgain = true;
    else this.#underWay = this.#exchangeAll();
    return this.#underWay ?? Promise.resolve();
  }

  /** How it stands. */
  status(): ClusterStatus {
    return {
      node: this.#node,
      connected: this.isConnected,
      store: redactUserinfo(this.#options.config.store),
      error: this.#connection.reason ?? null,
      sinceMs: Math.round(this.#options.host.time.monotonicMs() - this.#changedAt),
      ignored: this.#exchange.ignored,
      exchanges: { ...this.#counts },
      exchangeMs: this.#exchangeMs,
      leases: this.#leases.count,
      nodes: this.#load.describe(),
    };
  }

  /** Takes its leave, so that what it had under way does not count any longer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.stop();
    if (this.isConnected) await this.#orLate(this.#leave(), greetingMs.leave);
    this.#store.close();
  }

  async #leave(): Promise<void> {
    await this.#underWay;
    await this.#exchange.leave().catch(() => {}); // then the others forget us as they forget who dies
  }

  async #orLate(done: Promise<void>, mostMs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#options.host.time.after(mostMs, late.resolve);
    await Promise.race([done, late.promise]);
    timer.stop();
  }

  async #exchangeAll(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      await this.#exchangeOnce();
    } while (this.#isAskedAgain && this.isConnected && !this.#isStopped);
    this.#underWay = undefined;
  }

  async #exchangeOnce(): Promise<void> {
    const { time } = this.#options.host;
    const startedAt = time.monotonicMs();
    try {
      await this.#exchange.run();
      this.#exchangeMs = Math.round((time.monotonicMs() - startedAt) * 10) / 10;
      this.#succeed();
    } catch (error) {
      if (!this.#isStopped) this.#fail(error);
    }
  }

  async #renewLeases(): Promise<void> {
    if (!this.isConnected || !this.#store.isOpen) return;
    try {
      const foreign = await this.#leases.renew(this.#store);
      this.#exchange.ignored += foreign;
    } catch {
      // the next exchange finds out what is the matter, and says so
    }
  }

  #succeed(): void {
    this.#noteChange(!this.isConnected);
    this.#counts.succeeded++;
    this.#connection.connected(this.#load.alive + 1);
    this.#leases.share(this.#load.alive + 1);
    if (this.#counts.succeeded % exchangesPerReading === 0) this.#exchange.readAnew();
  }

  #fail(error: unknown): void {
    this.#noteChange(this.isConnected);
    this.#counts.failed++;
    this.#connection.lost(describeStoreFault(error, secretsIn(this.#options.config.store)));
    this.#leases.goAlone();
    this.#exchange.readAnew();
  }

  #noteChange(isChange: boolean): void {
    if (isChange) this.#changedAt = this.#options.host.time.monotonicMs();
  }
}

/** As it is written, and as it is meant. */
function secretsIn(url: string): string[] {
  const { password } = new URL(url);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
