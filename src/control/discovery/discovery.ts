import type { Config, UpstreamConfig } from "../../config/config.ts";
import type { Host } from "../../runtime/host.ts";
import type { Log } from "../log.ts";
import { roomForFound } from "../servers/board-rows.ts";
import { addFound } from "./add-found.ts";
import type { Source, SourceStatus } from "./findings.ts";
import { type Env, SharedApi } from "./shared-api.ts";
import { createNeverServer } from "./never-servers.ts";
import { sourcesOf, sourcesWanted } from "./source.ts";

/** What discovery works with. */
export interface DiscoveryOptions {
  readonly host: Host;
  readonly log: Log;
  /** Where access to Kubernetes may be written. */
  readonly env: Env;
  /** Rows of the board. */
  readonly capacity: number;
}

/** How the servers of one upstream are found. */
export interface DiscoveryStatus {
  readonly sources: readonly SourceStatus[];
  /** Servers that were found and not taken in, because there is no room for more. */
  readonly leftOut: number;
}

/** The sources of a configuration that is about to run, beside those of the one that does. */
export interface Prepared {
  /** It runs: the other's sources are of no use any more. */
  keep(): void;
  /** It does not run after all. */
  drop(): void;
}

/** How long a start or a reload waits for the first answers about its servers, ms. */
const patienceMs = 5_000;

/** Of addresses that are no servers' so many are told. */
const mostNeverTold = 16;

/** What is taken in of what is found. */
interface Bounds {
  readonly room: number;
  readonly isNever: (url: string) => boolean;
}

/** Finds the servers of upstreams that list them nowhere, and tells when they change. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #kubernetes: SharedApi;
  readonly #sources = new Map<string, Source>();
  readonly #leftOut = new Map<string, number>();
  readonly #never = new Set<string>();
  #in = new Map<string, ReadonlySet<string>>();
  #changed: () => void = () => {};

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#kubernetes = new SharedApi(options.host, options.env);
  }

  /** Says from now on when other servers are found than before; at once, since that may have been missed. */
  begin(changed: () => void): void {
    this.#changed = changed;
    changed();
  }

  /** Opens the sources that this configuration has and the running one has not, and waits a while for what they find. */
  async prepare(config: Config): Promise<Prepared> {
    const wanted = sourcesWanted(config);
    const fresh = wanted.filter(({ key }) => !this.#sources.has(key));
    for (const { key, upstream, open } of fresh) this.#sources.set(key, open(this.#toolsFor(upstream)));
    await this.#waitFor(fresh.flatMap(({ key }) => this.#sources.get(key) ?? []));
    const keys = new Set(wanted.map(({ key }) => key));
    const leaving = [...this.#sources.keys()].filter((key) => !keys.has(key));
    return {
      keep: () => this.#close(leaving),
      drop: () => this.#close(fresh.map(({ key }) => key)),
    };
  }

  /** The configuration with all servers that are found, as far as there is room for them. */
  complete(config: Config): Config {
    const taken = new Map<string, ReadonlySet<string>>();
    let room = roomForFound(config, this.#options.capacity);
    const isNever = createNeverServer(config);
    const upstreams = Object.entries(config.upstreams).map(([name, upstream]) => {
      const servers = this.#serversOf(name, upstream, { room, isNever });
      room -= servers.length - upstream.servers.length;
      taken.set(name, new Set(servers.map(({ url }) => url)));
      return [name, { ...upstream, servers }] as const;
    });
    this.#in = taken;
    return { ...config, upstreams: Object.fromEntries(upstreams) };
  }

  /** How an upstream's servers are found; undefined where all are listed. */
  statusOf(name: string, { discover }: Pick<UpstreamConfig, "discover">): DiscoveryStatus | undefined {
    if (!discover) return undefined;
    const sources = sourcesOf(name, discover).flatMap(
      ({ key }) => this.#sources.get(key)?.findings.status ?? [],
    );
    return { sources, leftOut: this.#leftOut.get(name) ?? 0 };
  }

  /** Ends the search. */
  stop(): void {
    this.#close([...this.#sources.keys()]);
    this.#kubernetes.close();
  }

  #toolsFor(upstream: string) {
    const { open: openKubernetes } = this.#kubernetes;
    return { ...this.#options, upstream, openKubernetes, changed: () => this.#changed() };
  }

  async #waitFor(sources: readonly Source[]): Promise<void> {
    if (sources.length === 0) return;
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.host.time.after(patienceMs, resolve);
    await Promise.race([Promise.all(sources.map(({ findings }) => findings.first)), tooLate]);
    timer.stop();
  }

  #serversOf(name: string, upstream: UpstreamConfig, { room, isNever }: Bounds): UpstreamConfig["servers"] {
    const { servers: listed, discover } = upstream;
    if (!discover) return listed;
    const { maxServers, maxConnections } = discover;
    const all = sourcesOf(name, discover).flatMap(
      ({ key }) => this.#sources.get(key)?.findings.servers ?? [],
    );
    const [never = [], good = []] = [true, false].map((is) => all.filter(({ url }) => isNever(url) === is));
    const found = good.map((server) => Object.assign({}, server, { maxConnections }));
    const known = this.#in.get(name);
    const isIn = ({ url }: { readonly url: string }): boolean => known?.has(url) ?? false;
    const { servers, leftOut } = addFound({ listed, found, isIn, room: Math.min(room, maxServers) });
    this.#tellLeftOut(name, leftOut);
    for (const { url } of never) this.#tellNever(name, url);
    return servers;
  }

  #tellLeftOut(upstream: string, leftOut: number): void {
    const before = this.#leftOut.get(upstream) ?? 0;
    this.#leftOut.set(upstream, leftOut);
    if (leftOut === 0 || before > 0) return;
    const remedy = "raise its discover.maxServers, and restart for more room on the board";
    this.#options.log.warn("more servers are found than are taken in", { upstream, leftOut, remedy });
  }

  #tellNever(upstream: string, url: string): void {
    if (this.#never.has(url) || this.#never.size === mostNeverTold) return;
    this.#never.add(url);
    this.#options.log.warn("what is found is no server, and is not taken in", { upstream, url });
  }

  #close(keys: readonly string[]): void {
    for (const key of keys) {
      this.#sources.get(key)?.stop();
      this.#sources.delete(key);
    }
  }
}
