import type { Board } from "../../board/board.ts";
import type { ServerState } from "../../board/server-state.ts";
import { type PassiveEvent, windowSeconds } from "../../data/balance/passive-health.ts";
import type { PlaneEvent } from "../../data/plane-event.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { Host } from "../../runtime/host.ts";
import type { Log } from "../log.ts";
import { Overrides } from "../servers/overrides.ts";
import { probe } from "./probe.ts";
import type { ProbeResult } from "./probe.ts";
import { stateOf } from "./server-health.ts";
import type { HealthEvent, ServerHealth, ServerOrder, Told } from "./server-health.ts";
import { believed } from "./told.ts";
import { watchServers } from "./watched.ts";
import type { ProbeClients, Remembered, Watched } from "./watched.ts";

/** What the supervisor works with. */
export interface SupervisorOptions {
  readonly host: Host;
  readonly board: Board;
  readonly log: Log;
  /** What people said of servers before. */
  readonly overrides?: Pick<Overrides, "of">;
  /** What checks found of a server in an earlier life. */
  readonly remembered?: Remembered;
}

/** Probes come this much earlier or later, so that those of many servers and nodes do not fall together. */
const JITTER_RATIO = 0.1;

/** A trial whose verdict does not come, because its worker died, is given to another request after this time, ms. */
const TRIAL_SLACK_MS = 10_000;

/**
 * Decides which servers may be used: from probes of its own, from what the data planes tell, and from people's orders.
 * It alone writes states to the board, so that no two workers can take out the last two servers at once.
 */
export class HealthSupervisor {
  readonly #options: SupervisorOptions;
  #watched = new Map<number, Watched>();
  #clients: ProbeClients = new Map();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Watches the servers of this snapshot from now on. What is known of those that stay is kept, and so are their probes where
   * they are as before: found servers come and go more often than a probe falls due.
   */
  apply(snapshot: Snapshot): void {
    const { board, host } = this.#options;
    const [old, clients] = [this.#watched, this.#clients];
    const { overrides = new Overrides(), remembered = () => undefined } = this.#options;
    const watch = watchServers(snapshot, { old, clients, host, overrides, remembered });
    this.#clients = watch.clients;
    this.#watched = new Map(watch.servers.map((server) => [server.row, server]));
    stopProbes(old.values(), new Set(watch.servers));
    closeClients(clients, this.#clients);
    for (const server of this.#watched.values()) this.#begin(server, old);
    board.bumpVersion();
  }

  /** Takes what a data plane tells of a server. */
  hear(event: PlaneEvent): void {
    const server = this.#watched.get(event.row);
    if (!server) return;
    const told = event.type === "trial" ? trialEvents[event.outcome] : this.#failure(server);
    this.#change(server, { type: "traffic", event: told }, describeTraffic(event));
  }

  /** What is known of a server. */
  healthOf(row: number): ServerHealth | undefined {
    return this.#watched.get(row)?.health;
  }

  /** Does what a person says about a server. */
  order(row: number, order: ServerOrder): void {
    const server = this.#watched.get(row);
    if (server) this.#settle(server, { ...server.health, order }, "by order");
  }

  /** Gives a server the weight that a person wants for it. */
  weigh(row: number, weight: number): void {
    const server = this.#watched.get(row);
    if (!server) return;
    const before = stateOf(server.health, server.weight, server.told);
    server.weight = weight;
    this.#options.board.setWeight(row, weight);
    this.#follow(server, before, `its weight is ${weight}`);
  }

  /** Takes what other nodes found: it counts for servers of which nothing is known here. */
  hearOthers(found: ReadonlyMap<number, Told>): void {
    const { board, host } = this.#options;
    const told = believed([...this.#watched.values()], { found, board, now: host.time.now() });
    for (const server of this.#watched.values()) this.#tellOthers(server, told.get(server.row));
  }

  /** To be called every second: gives trials that were lost to somebody else. */
  tick(): void {
    const now = this.#options.host.time.now();
    for (const server of this.#watched.values()) this.#findLostTrial(server, now);
  }

  /** Ends all probes. */
  stop(): void {
    stopProbes(this.#watched.values(), new Set());
    closeClients(this.#clients, new Map());
    this.#watched.clear();
  }

  #tellOthers(server: Watched, told: Told): void {
    if (server.told === told) return;
    const before = stateOf(server.health, server.weight, server.told);
    server.told = told;
    this.#follow(
      server,
      before,
      told ? `another node found it ${told}` : "no other node finds it out of order",
    );
  }

  /** A server that no probe has judged yet is asked at once; one that joins others starts slowly. */
  #begin(server: Watched, old: ReadonlyMap<number, Watched>): void {
    const { board, host } = this.#options;
    if (!old.has(server.row) && old.size > 0) board.setUpAt(server.row, host.time.now());
    this.#publish(server);
    if (!server.target || old.get(server.row) === server) return;
    const isKnown = old.has(server.row) && server.health.active.state !== "unknown";
    this.#probeSoon(server, isKnown ? server.target.config.interval : 0);
  }

  #probeSoon(server: Watched, delayMs: number): void {
    const { time, random } = this.#options.host;
    const jitter = 1 + JITTER_RATIO * (2 * random() - 1);
    server.timer = time.after(delayMs * jitter, () => void this.#probe(server));
  }

  async #probe(server: Watched): Promise<void> {
    const { target } = server;
    if (!target) return;
    const result = await probe(target, this.#options.host);
    if (this.#watched.get(server.row) !== server) return; // a reload came in between
    this.#change(server, { type: "probed", passed: result.passed }, describeProbe(result));
    this.#probeSoon(server, target.config.interval);
  }

  #findLostTrial(server: Watched, now: number): void {
    const { passive } = server.health;
    const { connect, response } = server.config.timeouts;
    const lostAfterMs = connect + response + TRIAL_SLACK_MS;
    if (passive.state === "trial" && now - passive.sinceAt >= lostAfterMs)
      this.#change(server, { type: "traffic", event: { type: "trial-lost" } }, "its trial was lost");
    if (passive.state === "ejected" && now - passive.untilAt >= TRIAL_SLACK_MS) this.#offerAgain(server, now);
  }

  /** Somebody took the trial and never began it: the last place was gone, or the worker died. */
  #offerAgain({ row }: Watched, now: number): void {
    const { board } = this.#options;
    if (board.trialInMs(row, now) !== Infinity) return;
    board.offerTrial(row, now);
    board.bumpVersion();
  }

  #failure(server: Watched): PassiveEvent {
    const { board, host } = this.#options;
    const { passive } = server.config.health;
    const seconds = passive === false ? 1 : windowSeconds(passive.window);
    const recent = board.recent(server.row, seconds, host.time.now());
    const peers = [...this.#watched.values()].filter(({ upstream }) => upstream === server.upstream);
    const states = peers.map(({ row }) => board.state(row));
    return {
      type: "failed",
      record: { failuresInARow: board.failuresInARow(server.row), ...recent },
      group: {
        servers: peers.length,
        available: states.filter((state) => state === "up").length,
        ejected: states.filter((state) => state === "ejected").length,
      },
    };
  }

  #change(server: Watched, event: HealthEvent, why: string): void {
    this.#settle(server, server.rules(server.health, event, this.#options.host.time.now()), why);
  }

  #settle(server: Watched, next: ServerHealth, why: string): void {
    if (next === server.health) return;
    const before = stateOf(server.health, server.weight, server.told);
    server.health = next;
    this.#follow(server, before, why);
  }

  #follow(server: Watched, before: ServerState, why: string): void {
    const after = stateOf(server.health, server.weight, server.told);
    this.#publish(server);
    this.#options.board.bumpVersion();
    if (after !== before) this.#tell(server, { before, after, why });
  }

  /** Puts on the board what workers go by. */
  #publish(server: Watched): void {
    const { board, host } = this.#options;
    const { row, health } = server;
    const state = stateOf(health, server.weight, server.told);
    const isBack = state === "up" && (board.state(row) === "down" || board.state(row) === "ejected");
    if (isBack) {
      board.setUpAt(row, host.time.now());
      board.recordSuccess(row);
    }
    board.setState(row, state);
    if (health.passive.state === "ejected") board.offerTrial(row, health.passive.untilAt);
    else board.withdrawTrial(row);
  }

  #tell({ upstream, name }: Watched, change: { before: string; after: string; why: string }): void {
    const { log } = this.#options;
    const fields = { upstream, server: name, was: change.before, why: change.why };
    if (change.after === "up") log.info("server is up", fields);
    else log.warn(`server is ${change.after}`, fields);
  }
}

function stopProbes(servers: Iterable<Watched>, staying: ReadonlySet<Watched>): void {
  for (const server of servers) if (!staying.has(server)) server.timer?.stop();
}

function closeClients(clients: ProbeClients, staying: ProbeClients): void {
  for (const [name, { client }] of clients) if (staying.get(name)?.client !== client) client.close();
}

const trialEvents = {
  begun: { type: "trial-begun" },
  passed: { type: "trial-passed" },
  failed: { type: "trial-failed" },
  lost: { type: "trial-lost" },
} as const;

function describeTraffic(event: PlaneEvent): string {
  if (event.type === "trial") return `its trial ${event.outcome === "begun" ? "has begun" : event.outcome}`;
  return `its requests fail, ${event.failuresInARow} in a row`;
}

function describeProbe(result: ProbeResult): string {
  return result.passed ? "its probes pass" : `its probes fail: ${result.why}`;
}
