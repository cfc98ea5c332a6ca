import type { Host } from "../../runtime/host.ts";
import { findAccess } from "../kubernetes/find-access.ts";
import { type KubernetesApi, openKubernetesApi } from "../kubernetes/api.ts";

/** The environment in which access is looked for. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The one connection to an API server that all Services are watched by, opened when the first of them asks. */
export class SharedApi {
  readonly #host: Host;
  readonly #env: Env;
  #api: Promise<KubernetesApi> | undefined;

  constructor(host: Host, env: Env) {
    this.#host = host;
    this.#env = env;
  }

  /** Rejects where there is no access; asked again, it looks again. */
  readonly open = (): Promise<KubernetesApi> => {
    this.#api ??= this.#find();
    return this.#api;
  };

  close(): void {
    void this.#api?.then((api) => api.close()).catch(() => {});
    this.#api = undefined;
  }

  async #find(): Promise<KubernetesApi> {
    try {
      return openKubernetesApi({ host: this.#host, access: await findAccess({ env: this.#env }) });
    } catch (error) {
      this.#api = undefined;
      throw error;
    }
  }
}
