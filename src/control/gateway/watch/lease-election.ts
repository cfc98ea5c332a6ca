import type { Host } from "../../../runtime/host.ts";
import type { KubernetesApi } from "../../kubernetes/api.ts";
import { isConflict, isNotFound } from "../../kubernetes/api-error.ts";
import type { KubernetesObject } from "../../kubernetes/kubernetes-object.ts";
import type { Log } from "../../log.ts";

/** What an election works with. */
export interface ElectionOptions {
  readonly api: KubernetesApi;
  readonly host: Pick<Host, "time" | "random">;
  readonly log: Log;
  /** The name of the Lease, in the namespace of the API's access. */
  readonly name: string;
  /** What we call ourselves in it: no other node has the same. */
  readonly identity: string;
  /** Hears that we hold it now, or hold it no more. */
  readonly changed: (isHolder: boolean) => void;
}

/** How long a Lease holds that nobody renews, s; others take it then. */
const leaseSeconds = 15;

/** Whoever could not renew for so long gives up, ms: well before others may take it. */
const giveUpAfterMs = 10_000;

/** From look to look, ms, and up to a quarter more by chance. */
const everyMs = 2_000;

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

type Lease = KubernetesObject & { readonly spec?: LeaseSpec };

/**
 * Takes part in who holds a Lease: one node at a time, as with the controllers of Kubernetes themselves.
 *
 * Clocks of nodes differ, so that nobody compares times of others with its own: a Lease has run out when it was seen to stay
 * the same for as long as it holds.
 *
 * Source: k8s.io/client-go/tools/leaderelection.
 */
export class LeaseElection {
  readonly #options: ElectionOptions;
  readonly #stopping = new AbortController();
  #isHolder = false;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #seen = { state: "", atMs: Number.NEGATIVE_INFINITY };

  constructor(options: ElectionOptions) {
    this.#options = options;
  }

  get isHolder(): boolean {
    return this.#isHolder;
  }

  /** Takes part until it is stopped. */
  async run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#round();
      await this.#pause();
    }
  }

  /** Gives the Lease back, so that another need not wait for it to run out. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.#isHolder) return;
    this.#become(false);
    try {
      const lease = await this.#options.api.get<Lease>(this.#path);
      if (lease.spec?.holderIdentity !== this.#options.identity) return;
      const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: this.#nowText };
      await this.#options.api.update(this.#path, { ...lease, spec });
    } catch (error) {
      this.#options.log.warn("cannot give the lease back: it runs out by itself", { reason: String(error) });
    }
  }

  async #round(): Promise<void> {
    try {
      const isHeld = await this.#take();
      if (isHeld) this.#renewedMs = this.#nowMs;
      if (!this.#stopping.signal.aborted) this.#become(isHeld);
    } catch (error) {
      if (!this.#isHolder || this.#nowMs - this.#renewedMs < giveUpAfterMs) return;
      this.#options.log.warn("the lease cannot be renewed: another may hold it", { reason: String(error) });
      this.#become(false);
    }
  }

  /** Takes or renews the Lease where that is possible; whether it is ours now. */
  async #take(): Promise<boolean> {
    const lease = await this.#find();
    if (lease === undefined) return this.#write(() => this.#create());
    const { spec = {} } = lease;
    const isOurs = spec.holderIdentity === this.#options.identity;
    if (!isOurs && !this.#isFree(lease, spec)) return false;
    return this.#write(() =>
      this.#options.api.update(this.#path, { ...lease, spec: this.#renew(spec, isOurs) }),
    );
  }

  async #find(): Promise<Lease | undefined> {
    try {
      return await this.#options.api.get<Lease>(this.#path);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #isFree(lease: Lease, { holderIdentity = "", leaseDurationSeconds = leaseSeconds }: LeaseSpec): boolean {
    if (holderIdentity === "") return true;
    const state = JSON.stringify([lease.metadata.resourceVersion, lease.spec]);
    if (state !== this.#seen.state) this.#seen = { state, atMs: this.#nowMs };
    return this.#nowMs - this.#seen.atMs >= leaseDurationSeconds * 1000;
  }

  #create(): Promise<unknown> {
    const { api, name } = this.#options;
    return api.create<Lease>(this.#path.slice(0, this.#path.lastIndexOf("/")), {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: api.namespace },
      spec: this.#renew({}, false),
    });
  }

  #renew(spec: LeaseSpec, isOurs: boolean): LeaseSpec {
    const now = this.#nowText;
    const renewed = { ...spec, leaseDurationSeconds: leaseSeconds, renewTime: now };
    if (isOurs) return renewed;
    const leaseTransitions = (spec.leaseTransitions ?? -1) + 1;
    return { ...renewed, holderIdentity: this.#options.identity, acquireTime: now, leaseTransitions };
  }

  /** Somebody else may have been quicker. */
  async #write(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  #become(isHolder: boolean): void {
    if (this.#isHolder === isHolder) return;
    this.#isHolder = isHolder;
    const { log, name, identity, changed } = this.#options;
    log.info(isHolder ? "holds the lease: writes statuses" : "does not hold the lease any more", {
      name,
      identity,
    });
    changed(isHolder);
  }

  async #pause(): Promise<void> {
    const { time, random } = this.#options.host;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = time.after(everyMs * (1 + random() / 4), resolve);
    this.#stopping.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    timer.stop();
  }

  get #path(): string {
    const { api, name } = this.#options;
    return `/apis/coordination.k8s.io/v1/namespaces/${api.namespace}/leases/${name}`;
  }

  get #nowMs(): number {
    return this.#options.host.time.monotonicMs();
  }

  /** As the API wants it: with microseconds. */
  get #nowText(): string {
    return new Date(this.#options.host.time.now()).toISOString().replace("Z", "000Z");
  }
}
