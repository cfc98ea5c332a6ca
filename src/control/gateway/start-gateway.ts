import { isDeepStrictEqual } from "node:util";

import type { Host, Timer } from "../../runtime/host.ts";
import { RefreshSchedule } from "../discovery/refresh-schedule.ts";
import type { Headgate } from "../headgate.ts";
import { findAccess } from "../kubernetes/find-access.ts";
import { type KubernetesApi, openKubernetesApi } from "../kubernetes/api.ts";
import type { Log } from "../log.ts";
import type { MadeConfig } from "../configuration/read-config.ts";
import { start, type StartOptions } from "../start.ts";
import { addressesOf } from "./addresses.ts";
import { ClusterView } from "./watch/cluster-view.ts";
import { GatewaySource, type Made, type Problems } from "./watch/gateway-source.ts";
import { LeaseElection } from "./watch/lease-election.ts";
import { statusesOf } from "./status/statuses.ts";
import { StatusWriter } from "./status/status-writer.ts";

/** What a gateway is started with. */
export interface GatewayOptions extends StartOptions {
  readonly host: Host;
  readonly log: Log;
  /** The name of the GatewayClass that is served. */
  readonly className: string;
  /** The file of what the Gateway API says nothing about. */
  readonly file: string | undefined;
  /** `namespace/name` of the Service whose address is the Gateways' own. */
  readonly service: string | undefined;
  /** What this node is called in the Lease. */
  readonly identity: string;
}

/** A port that could not be opened, or a refusal, is looked at again after this time, ms. */
const againMs = 30_000;

/** Servers come and go, and a board cannot grow: room for a cluster that is nearly empty when we start, rows. */
export const leastRows = 1_024;

/** Headgate as a controller of the Gateway API: it runs what a cluster's objects say, and says there what came of them. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #view: ClusterView;
  readonly #election: LeaseElection;
  readonly #writer: StatusWriter;
  readonly #schedule: RefreshSchedule;
  readonly #api: KubernetesApi;
  readonly #source: GatewaySource;
  #headgate: Headgate | undefined;
  #made: Made | undefined;
  #next: Made | Problems | undefined;
  readonly #stopping = Promise.withResolvers<never>();
  #looking: Timer | undefined;
  #isDue = false;

  constructor(options: GatewayOptions, api: KubernetesApi) {
    const { host, log, className, identity } = options;
    this.#options = options;
    this.#api = api;
    this.#view = new ClusterView({ api, host, log, changed: () => this.#schedule.request() });
    this.#schedule = new RefreshSchedule({ time: host.time, run: () => this.#refresh() });
    this.#writer = new StatusWriter({ api, host, log, isHolder: () => this.#election.isHolder });
    this.#stopping.promise.catch(() => {}); // of interest only while it starts
    this.#source = new GatewaySource({
      ...options,
      cluster: () => this.#view.cluster,
      openPorts: () => new Set(this.#headgate?.addresses.map(({ port }) => port)),
    });
    const name = leaseName(className);
    this.#election = new LeaseElection({
      api,
      host,
      log,
      name,
      identity,
      changed: () => this.#writer.look(),
    });
  }

  /** Waits until all that it depends on was seen, and starts to serve. */
  async start(): Promise<Headgate> {
    const { host, log, className } = this.#options;
    log.info("reading the Gateway API", { class: className, origin: this.#api.origin });
    await Promise.race([this.#view.seen, this.#stopping.promise]);
    const rows = { leastRows };
    this.#headgate = await start({ make: () => this.#make() }, { ...this.#options, ...rows });
    this.#say();
    void this.#election.run();
    this.#looking = host.time.every(againMs, () => this.#lookAnew());
    return this.#headgate;
  }

  /** Says no more, and lets another take over; what runs goes on. */
  async stop(): Promise<void> {
    this.#stopping.reject(new Error("Cannot start: told to stop before all objects of Kubernetes were seen"));
    this.#looking?.stop();
    this.#schedule.stop();
    this.#writer.stop();
    this.#view.stop();
    await this.#election.stop();
    this.#api.close();
  }

  /** What was made just now for a reload, else what is wanted now: people ask for reloads, too. */
  async #make(): Promise<MadeConfig | Problems> {
    const made = this.#next ?? (await this.#source.make());
    this.#next = undefined;
    if ("problems" in made) return made;
    this.#made = made;
    return made.config;
  }

  /** Whatever has happened: a port may be free by now. */
  #lookAnew(): void {
    this.#isDue = true;
    this.#schedule.request();
  }

  /** A refusal was told in the log, and comes to an end with another change. */
  async #refresh(): Promise<boolean> {
    if (this.#headgate === undefined) return true;
    if (!this.#isDue && this.#made?.readsAlike(this.#view.cluster)) return true;
    this.#isDue = false;
    const made = await this.#source.make();
    if ("config" in made && isSame(made, this.#made)) this.#made = made;
    else if (!(await this.#reload(made))) return true;
    this.#say();
    return true;
  }

  async #reload(made: Made | Problems): Promise<boolean> {
    const before = this.#made;
    this.#next = made;
    const result = await this.#headgate?.reload();
    if (result && "changes" in result) return true;
    this.#made = before;
    return false;
  }

  #say(): void {
    if (this.#made === undefined) return;
    const { translation, cluster } = this.#made;
    const addresses = addressesOf(cluster, this.#options.service);
    this.#writer.want(statusesOf(translation, { addresses, all: cluster.routes }));
  }
}

/** Whether both would run the same. */
function isSame(one: Made, other: Made | undefined): boolean {
  if (other === undefined) return false;
  const [a, b] = [one.config, other.config];
  return isDeepStrictEqual([a.loaded.config, a.files], [b.loaded.config, b.files]);
}

/** The Lease whose holder writes the statuses of a class. */
export function leaseName(className: string): string {
  return `headgate-gateway-${className}`;
}

/** Opens the API server that the environment names, and makes a gateway of it. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const access = await findAccess({ env: options.env });
  return new Gateway(options, openKubernetesApi({ host: options.host, access }));
}
