import process from "node:process";

import type { ListenerAddress } from "../data/plane.ts";
import { host } from "../runtime/current.ts";
import { ConfigError } from "./configuration/config-error.ts";
import type { Headgate } from "./headgate.ts";
import { createLog } from "./log.ts";
import type { ConfigSource } from "./configuration/read-config.ts";
import { start } from "./start.ts";

/** How a load balancer behaves inside another program. */
export interface LoadBalancerOptions {
  /** Takes each line of its log; default stderr. */
  readonly log?: (line: string) => void;
  /** Reload when the configuration's file, or one that it names, changes; default false. */
  readonly watch?: boolean;
}

/**
 * Headgate inside another program: listeners, control plane, everything, with the data plane in this thread.
 *
 * It leaves the signals of the process alone: call `reload` and `stop` from your own.
 */
export class LoadBalancer {
  readonly #options: LoadBalancerOptions;
  #headgate: Headgate | undefined;

  constructor(options: LoadBalancerOptions = {}) {
    this.#options = options;
  }

  /**
   * Starts by a file, or by a value with the same keys. Rejects with an error that has a line for everything that is
   * wrong; then nothing is left open.
   */
  async start(config: string | object): Promise<this> {
    if (this.#headgate !== undefined) throw new Error("Cannot start: this load balancer runs already");
    const { log: write = (line) => void process.stderr.write(line), watch = false } = this.#options;
    const log = createLog({ write, now: () => host.time.now() });
    this.#headgate = await start(toSource(config), { host, log, env: process.env, watch, workerCount: 1 });
    return this;
  }

  /** Where the listeners accept; empty while it does not run. */
  get addresses(): readonly ListenerAddress[] {
    return this.#headgate?.addresses ?? [];
  }

  /** `http://host:port` of the admin; undefined where it is off. */
  get adminUrl(): string | undefined {
    return this.#headgate?.adminUrl;
  }

  /**
   * Runs another configuration, or the file as it is now, without losing a request, and resolves with what has changed.
   * Rejects where it is not valid; then nothing has.
   */
  async reload(config?: string | object): Promise<readonly string[]> {
    const source = config === undefined ? undefined : toSource(config);
    const result = await this.#running().reload(source);
    if ("problems" in result) throw new ConfigError(result.problems);
    return result.changes;
  }

  /** Lets requests end, for as long as `shutdown` says, and closes everything. */
  async stop(): Promise<void> {
    const headgate = this.#running();
    this.#headgate = undefined;
    await headgate.stop();
  }

  #running(): Headgate {
    if (this.#headgate === undefined) throw new Error("Cannot do that: this load balancer does not run");
    return this.#headgate;
  }
}

function toSource(config: string | object): ConfigSource {
  return typeof config === "string" ? { file: config } : { value: config };
}
