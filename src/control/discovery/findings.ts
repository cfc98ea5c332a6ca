import type { ServerConfig } from "../../config/config.ts";
import type { Host } from "../../runtime/host.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Log } from "../log.ts";

/** What a source of servers works with. */
export interface SourceTools {
  readonly host: Host;
  readonly log: Log;
  /** The upstream that the servers are for. */
  readonly upstream: string;
  /** Opens the API server of Kubernetes, or rejects where there is no way to it. */
  readonly openKubernetes: () => Promise<KubernetesApi>;
  /** Hears that other servers are found than before. */
  readonly changed: () => void;
}

/** Where an upstream's servers are found, and how that goes. */
export interface Source {
  readonly findings: Findings;
  stop(): void;
}

/** How a source does, for people. Instants in ms since 1970. */
export interface SourceStatus {
  readonly kind: "dns" | "kubernetes";
  /** Such as `app.internal`. */
  readonly name: string;
  readonly servers: number;
  /** When it was last known that these are the servers; null = never. */
  readonly lastSuccessAt: number | null;
  /** What keeps it from knowing now; null = nothing. */
  readonly error: string | null;
  readonly lastErrorAt: number | null;
  /** Since the source was configured. */
  readonly failures: number;
}

/** What a source finds. The last good set of servers holds until there is another. */
export class Findings {
  readonly #subject: Pick<SourceStatus, "kind" | "name">;
  readonly #tools: SourceTools;
  readonly #first = Promise.withResolvers<void>();
  #servers: readonly ServerConfig[] = [];
  #print = "";
  #lastSuccessAt: number | null = null;
  #lastErrorAt: number | null = null;
  #error: string | null = null;
  #failures = 0;

  constructor(subject: Pick<SourceStatus, "kind" | "name">, tools: SourceTools) {
    this.#subject = subject;
    this.#tools = tools;
  }

  get servers(): readonly ServerConfig[] {
    return this.#servers;
  }

  /** Resolves once there was an answer of any kind. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  get status(): SourceStatus {
    return {
      ...this.#subject,
      servers: this.#servers.length,
      lastSuccessAt: this.#lastSuccessAt,
      error: this.#error,
      lastErrorAt: this.#lastErrorAt,
      failures: this.#failures,
    };
  }

  /** These are the servers; `fault` says what is wrong all the same. */
  succeed(servers: readonly ServerConfig[], fault?: string): void {
    if (fault === undefined) this.confirm();
    else this.fail(fault);
    this.#first.resolve();
    const print = fingerprint(servers);
    if (print === this.#print) return;
    this.#print = print;
    this.#servers = servers;
    this.#tools.changed();
  }

  /** These are some of the servers; `fault` says why the others cannot be known. What was found before stays. */
  succeedInPart(servers: readonly ServerConfig[], fault: string): void {
    this.succeed([...servers, ...missingIn(servers, this.#servers)], fault);
  }

  /** What was last found still holds, by word of who knows. */
  confirm(): void {
    const { log, host } = this.#tools;
    if (this.#error !== null) log.info("servers are found again", this.#fields);
    this.#error = null;
    this.#lastSuccessAt = host.time.now();
  }

  /** It cannot be known now. Says so in the log when it begins. */
  fail(reason: string): void {
    const { log, host } = this.#tools;
    this.#failures += 1;
    this.#lastErrorAt = host.time.now();
    if (this.#error === null)
      log.warn("servers cannot be found: those of before are kept", {
        ...this.#fields,
        kept: this.#servers.length,
        reason,
      });
    this.#error = reason;
    this.#first.resolve();
  }

  get #fields() {
    const { kind, name } = this.#subject;
    return { upstream: this.#tools.upstream, [kind]: name };
  }
}

/** Changes when something of the servers does. */
function fingerprint(servers: readonly ServerConfig[]): string {
  return servers.map(({ name, url, weight, backup }) => `${name} ${url} ${weight} ${backup}`).join("\n");
}

/** What the second list has and the first has not. */
function missingIn(servers: readonly ServerConfig[], known: readonly ServerConfig[]): ServerConfig[] {
  const urls = new Set(servers.map(({ url }) => url));
  return known.filter(({ url }) => !urls.has(url));
}
