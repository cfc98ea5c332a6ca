import type { Host } from "../../../runtime/host.ts";
import type { KubernetesApi } from "../../kubernetes/api.ts";
import type { KubernetesObject } from "../../kubernetes/kubernetes-object.ts";
import { type ResourceWatch, watchResources } from "../../kubernetes/watch-resources.ts";
import type { Log } from "../../log.ts";
import { type Cluster, gatherCluster } from "./cluster.ts";
import { type Kind, type ObjectOf, readObject } from "../objects.ts";
import { watchedKinds } from "./watched-kinds.ts";

/** What a view works with. */
export interface ClusterViewOptions {
  readonly api: KubernetesApi;
  readonly host: Pick<Host, "time" | "random">;
  readonly log: Log;
  /** Hears that something is other than before, once all was seen. */
  readonly changed: () => void;
}

/** What is known of a cluster, kept true by watching it. While the API server is away, what was last known holds. */
export class ClusterView {
  readonly #options: ClusterViewOptions;
  readonly #objects = new Map<Kind, readonly KubernetesObject[]>();
  /** What was read of an object; an object that has not changed is the same and is not read again. */
  readonly #read = new WeakMap<KubernetesObject, unknown>();
  readonly #unwell = new Set<Kind>();
  readonly #seen = Promise.withResolvers<void>();
  readonly #watches: readonly ResourceWatch[];

  constructor(options: ClusterViewOptions) {
    this.#options = options;
    this.#watches = kinds.map((kind) => this.#watch(kind));
  }

  /** Resolves once every kind of object was seen. */
  get seen(): Promise<void> {
    return this.#seen.promise;
  }

  /** All that is known now. */
  get cluster(): Cluster {
    return gatherCluster((kind) => this.#all(kind));
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  #watch(kind: Kind): ResourceWatch {
    const { api, host } = this.#options;
    return watchResources({
      ...watchedKinds[kind],
      api,
      host,
      onChange: (objects) => this.#take(kind, objects),
      onError: (error) => this.#doubt(kind, error),
      onConfirm: () => this.#trust(kind),
    });
  }

  #take(kind: Kind, objects: readonly KubernetesObject[]): void {
    this.#objects.set(kind, objects);
    this.#trust(kind);
    if (this.#objects.size < kinds.length) return;
    this.#seen.resolve();
    this.#options.changed();
  }

  /** Said once, until it is well again. */
  #doubt(kind: Kind, error: Error): void {
    if (this.#unwell.has(kind)) return;
    this.#unwell.add(kind);
    const text = this.#objects.has(kind)
      ? "objects of Kubernetes cannot be watched: those of before are kept"
      : "waiting for objects of Kubernetes";
    this.#options.log.warn(text, { kind, reason: error.message });
  }

  #trust(kind: Kind): void {
    if (this.#unwell.delete(kind))
      this.#options.log.info("objects of Kubernetes are watched again", { kind });
  }

  #all<K extends Kind>(kind: K): ObjectOf<K>[] {
    return (this.#objects.get(kind) ?? []).flatMap((object) => this.#readOnce(kind, object) ?? []);
  }

  /** An object that cannot be read is left out, and told of once. */
  #readOnce<K extends Kind>(kind: K, object: KubernetesObject): ObjectOf<K> | undefined {
    if (this.#read.has(object)) return this.#read.get(object) as ObjectOf<K> | undefined;
    const read = readObject(kind, object);
    const known = "object" in read ? read.object : undefined;
    this.#read.set(object, known);
    if ("fault" in read) {
      const { name, namespace = "" } = object.metadata;
      this.#options.log.warn("an object of Kubernetes cannot be read", {
        kind,
        namespace,
        name,
        reason: read.fault,
      });
    }
    return known;
  }
}

const kinds = Object.keys(watchedKinds) as Kind[];
