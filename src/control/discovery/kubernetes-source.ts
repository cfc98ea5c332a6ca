import type { DiscoverConfig } from "../../config/config.ts";
import type { Timer } from "../../runtime/host.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { Backoff } from "../kubernetes/backoff.ts";
import type { KubernetesObject } from "../kubernetes/kubernetes-object.ts";
import { type ResourceWatch, watchResources } from "../kubernetes/watch-resources.ts";
import { AtLeisure } from "./at-leisure.ts";
import { findInSlices } from "./endpoint-slices.ts";
import { Findings, type Source, type SourceTools } from "./findings.ts";
import { inOrder, toServerConfig } from "./found-server.ts";

/** An upstream's `discover.kubernetes`. */
export type KubernetesConfig = NonNullable<DiscoverConfig["kubernetes"]>;

/** How soon access is looked for again where there is none, ms: the files of an account may come late. */
const accessBackoff = { firstMs: 1_000, longestMs: 30_000 };

/** Watches the EndpointSlices of a Service. */
export class KubernetesSource implements Source {
  readonly findings: Findings;
  readonly #config: KubernetesConfig;
  readonly #tools: SourceTools;
  readonly #backoff: Backoff;
  readonly #reading: AtLeisure;
  #slices: readonly KubernetesObject[] = [];
  #watch: ResourceWatch | undefined;
  #timer: Timer | undefined;
  #isStopped = false;
  #isDoubtful = false;

  constructor(config: KubernetesConfig, tools: SourceTools) {
    this.findings = new Findings({ kind: "kubernetes", name: config.service }, tools);
    this.#config = config;
    this.#tools = tools;
    this.#backoff = new Backoff({ ...accessBackoff, random: tools.host.random });
    this.#reading = new AtLeisure(tools.host.time, () => this.#read());
    void this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.stop();
    this.#watch?.stop();
    this.#reading.stop();
  }

  async #open(): Promise<void> {
    try {
      const api = await this.#tools.openKubernetes();
      if (!this.#isStopped) this.#watch = this.#follow(api);
    } catch (error) {
      if (this.#isStopped) return;
      this.findings.fail(error instanceof Error ? error.message : String(error));
      this.#timer = this.#tools.host.time.after(this.#backoff.nextMs(), () => void this.#open());
    }
  }

  #follow(api: KubernetesApi): ResourceWatch {
    const [namespace = "", service = ""] = this.#config.service.split("/");
    return watchResources({
      api,
      host: this.#tools.host,
      path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
      labelSelector: `kubernetes.io/service-name=${service}`,
      onChange: (slices) => {
        this.#slices = slices;
        this.#reading.request();
      },
      onError: (error) => this.findings.fail(error.message),
      onConfirm: () => this.#isDoubtful || this.findings.confirm(),
    });
  }

  #read(): void {
    const { port, scheme } = this.#config;
    const { servers, fault } = findInSlices(this.#slices, port);
    this.#isDoubtful = fault !== undefined;
    this.findings.succeed(inOrder(servers.map((server) => toServerConfig(server, scheme))), fault);
  }
}
