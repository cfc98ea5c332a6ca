import type { Host } from "../../runtime/host.ts";
import type { Client, ClientTls } from "../../runtime/client.ts";
import type { KubernetesAccess } from "./access.ts";
import { KubernetesError, toKubernetesError } from "./api-error.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { readText } from "./read-text.ts";

/** A path with its query, such as `/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?limit=500`. */
export type ApiPath = string;

/** Talks to an API server. Everything rejects with a `KubernetesError`. */
export interface KubernetesApi {
  /** The namespace that we are in, or stand for. */
  readonly namespace: string;
  /** Where the API server is and who says so, for people. */
  readonly origin: string;
  /** One object, or a list of them. */
  get<T = KubernetesObject>(path: ApiPath): Promise<T>;
  create<T extends KubernetesObject>(path: ApiPath, object: T): Promise<T>;
  /** Replaces an object; one that carries an older `resourceVersion` is a conflict. */
  update<T extends KubernetesObject>(path: ApiPath, object: T): Promise<T>;
  /** Merges into an object (RFC 7396). */
  mergePatch(path: ApiPath, patch: object): Promise<KubernetesObject>;
  /** Says what an object shall be as far as we care for it (server-side apply). */
  apply(path: ApiPath, object: object, manager: string): Promise<KubernetesObject>;
  remove(path: ApiPath): Promise<void>;
  /** The stream of a watch; ends by `signal`. */
  stream(path: ApiPath, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Closes the connections. */
  close(): void;
}

/** What a connection to an API server depends on. */
export interface KubernetesApiOptions {
  readonly host: Pick<Host, "createClient" | "classifyError" | "lacks" | "time">;
  readonly access: KubernetesAccess;
  /** How long an answer may take, ms; of a watch, its head. */
  readonly timeoutMs?: number;
}

const idleTimeoutMs = 30_000;
const defaultTimeoutMs = 15_000;

/** A list is asked for page by page, so that no answer is a tenth as long. */
const longestAnswer = 64 * 1024 * 1024;

/** What is said about a refusal, at most. */
const longestRefusal = 64 * 1024;

/** Opens an API server. Nothing is asked yet. */
export function openKubernetesApi(options: KubernetesApiOptions): KubernetesApi {
  return new ApiClient(options);
}

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: ApiPath;
  readonly body?: object;
  readonly type?: string;
  readonly signal?: AbortSignal;
}

class ApiClient implements KubernetesApi {
  readonly #options: KubernetesApiOptions;
  #client: Promise<Client> | undefined;

  constructor(options: KubernetesApiOptions) {
    this.#options = options;
  }

  get namespace(): string {
    return this.#options.access.namespace;
  }

  get origin(): string {
    return this.#options.access.origin;
  }

  get<T>(path: ApiPath): Promise<T> {
    return this.#object({ method: "GET", path });
  }

  create<T extends KubernetesObject>(path: ApiPath, body: T): Promise<T> {
    return this.#object({ method: "POST", path, body });
  }

  update<T extends KubernetesObject>(path: ApiPath, body: T): Promise<T> {
    return this.#object({ method: "PUT", path, body });
  }

  mergePatch(path: ApiPath, body: object): Promise<KubernetesObject> {
    return this.#object({ method: "PATCH", path, body, type: "application/merge-patch+json" });
  }

  apply(path: ApiPath, body: object, manager: string): Promise<KubernetesObject> {
    const query = `fieldManager=${encodeURIComponent(manager)}&force=true`;
    const whole = `${path}${path.includes("?") ? "&" : "?"}${query}`;
    return this.#object({ method: "PATCH", path: whole, body, type: "application/apply-patch+yaml" });
  }

  async remove(path: ApiPath): Promise<void> {
    await this.#object({ method: "DELETE", path });
  }

  async stream(path: ApiPath, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#answer({ method: "GET", path, signal });
    return body ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  close(): void {
    void this.#client?.then((client) => client.close()).catch(() => {});
    this.#client = undefined;
  }

  async #object<T>(call: Call): Promise<T> {
    const late = new AbortController();
    const timer = this.#after(() => late.abort());
    try {
      const { body } = await this.#answer({ ...call, signal: late.signal });
      return JSON.parse(await readText(body, longestAnswer)) as T;
    } catch (error) {
      throw this.#explain(call, error, late.signal.aborted);
    } finally {
      timer.stop();
    }
  }

  /** An answer that is a success; a token that was refused is read anew, and shown once more. */
  async #answer(call: Call): Promise<Response> {
    const first = await this.#send(call, false);
    const answer = first.status === 401 ? await this.#again(call, first) : first;
    if (answer.ok) return answer;
    const { status, headers, body } = answer;
    const text = await readText(body, longestRefusal).catch(() => "");
    throw toKubernetesError(describe(call), { status, retryAfter: headers.get("retry-after"), text });
  }

  async #again(call: Call, refused: Response): Promise<Response> {
    await refused.body?.cancel();
    return this.#send(call, true);
  }

  /** The head has to come in time, whatever comes of the body. */
  async #send(call: Call, isRefused: boolean): Promise<Response> {
    const late = new AbortController();
    const timer = this.#after(() => late.abort());
    const signal = call.signal ? AbortSignal.any([late.signal, call.signal]) : late.signal;
    try {
      const token = await this.#options.access.token(isRefused);
      const client = await this.#connections();
      return await client.fetch(this.#options.access.url + call.path, { ...toRequest(call, token), signal });
    } catch (error) {
      this.#doubtConnections(error);
      throw this.#explain(call, error, signal.aborted);
    } finally {
      timer.stop();
    }
  }

  #after(run: () => void) {
    return this.#options.host.time.after(this.#timeoutMs, run);
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? defaultTimeoutMs;
  }

  #connections(): Promise<Client> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<Client> {
    const { host, access } = this.#options;
    const tls = access.url.startsWith("https:") ? await access.tls() : undefined;
    if (tls) refuseLacking(tls, this.#options);
    return host.createClient({ idleTimeoutMs, tls });
  }

  /** The authority or our own certificate may have been replaced: they are read anew. */
  #doubtConnections(error: unknown): void {
    const fault = this.#options.host.classifyError(error);
    const isUnread = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (fault === "certificate" || fault === "tls" || isUnread) this.close();
  }

  #explain(call: Call, error: unknown, isLate: boolean): KubernetesError {
    if (error instanceof KubernetesError) return error;
    const why = isLate ? `it has not answered within ${this.#timeoutMs} ms` : reasonsOf(error);
    return new KubernetesError(`Cannot ${describe(call)}: ${this.#options.access.url}: ${why}`);
  }
}

/** An error's own words and those of what caused it: `fetch failed` alone helps nobody. */
function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonsOf(error.cause)}`;
}

function toRequest({ method, body, type = "application/json" }: Call, token: string | undefined) {
  const headers = new Headers({
    accept: "application/json",
    "accept-encoding": "identity",
    "user-agent": "headgate",
  });
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (body !== undefined) headers.set("content-type", type);
  return {
    method,
    headers,
    body: body === undefined ? null : new TextEncoder().encode(JSON.stringify(body)),
  };
}

function describe({ method, path }: Call): string {
  const verbs = { GET: "read", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;
  return `${verbs[method]} ${path.replace(/\?.*/, "")} in Kubernetes`;
}

function refuseLacking(tls: ClientTls, { host, access }: KubernetesApiOptions): void {
  if (!tls.verify && host.lacks.has("insecure-upstream-tls"))
    throw new KubernetesError(
      `Cannot use ${access.origin}: it does not want the certificate verified (insecure-skip-tls-verify), and this ` +
        "runtime always does; give a certificate-authority, or run on Bun",
    );
  if (tls.serverName && host.lacks.has("server-name"))
    throw new KubernetesError(
      `Cannot use ${access.origin}: it has a tls-server-name, which this runtime cannot ask for; run on Bun`,
    );
}
