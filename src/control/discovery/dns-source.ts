import type { Timer } from "../../runtime/host.ts";
import { parseNameServer } from "../../config/name-server.ts";
import { createResolver, type Resolve } from "../dns/resolver.ts";
import { Comebacks } from "./comebacks.ts";
import { type DnsConfig, findByDns } from "./find-by-dns.ts";
import { Findings, type Source, type SourceTools } from "./findings.ts";
import { inOrder, toServerConfig } from "./found-server.ts";

/** An answer without a time to live, or with none, is asked for again after this time at the soonest, ms. */
const soonestMs = 1_000;

/** Asks DNS for an upstream's servers again and again. */
export class DnsSource implements Source {
  readonly findings: Findings;
  readonly #config: DnsConfig;
  readonly #tools: SourceTools;
  readonly #resolve: Resolve;
  readonly #comebacks: Comebacks;
  #timer: Timer | undefined;
  #failuresInARow = 0;
  #isStopped = false;

  constructor(config: DnsConfig, tools: SourceTools) {
    this.findings = new Findings({ kind: "dns", name: config.name }, tools);
    this.#config = config;
    this.#tools = tools;
    this.#comebacks = new Comebacks(tools.host.time);
    const servers = config.nameServers.flatMap((text) => parseNameServer(text) ?? []);
    this.#resolve = createResolver(servers.length > 0 ? { servers } : {});
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.stop();
  }

  async #look(): Promise<void> {
    const delayMs = await this.#find();
    if (this.#isStopped) return;
    this.#timer = this.#tools.host.time.after(delayMs, () => void this.#look());
  }

  /** Gives how long what was found may be believed, ms. */
  async #find(): Promise<number> {
    const { interval, scheme } = this.#config;
    try {
      const { servers, ttlSeconds, fault } = await findByDns(this.#config, this.#resolve);
      if (this.#isStopped) return interval;
      this.#failuresInARow = 0;
      const all = inOrder(this.#comebacks.hold(servers.map((server) => toServerConfig(server, scheme))));
      if (fault === undefined) this.findings.succeed(all);
      else this.findings.succeedInPart(all, fault);
      return Math.min(interval, Math.max(soonestMs, ttlSeconds * 1000));
    } catch (error) {
      if (!this.#isStopped) this.findings.fail(error instanceof Error ? error.message : String(error));
      return this.#retryMs();
    }
  }

  /** Soon at first, then ever later, up to the interval. */
  #retryMs(): number {
    const { random } = this.#tools.host;
    const doubled = soonestMs * 2 ** Math.min(10, this.#failuresInARow++);
    return Math.min(this.#config.interval, doubled * (0.5 + random()));
  }
}
