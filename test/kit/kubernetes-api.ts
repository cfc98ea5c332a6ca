import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

import { type Change, keyOf, KubernetesObjects, type PlainObject } from "./kubernetes-objects.ts";
import type { Teardown } from "./teardown.ts";

/** How the stand-in behaves. */
export interface KubernetesApiOptions {
  /** Clients have to show it; default none is asked for. */
  readonly token?: string;
  /** Speaks TLS; default plaintext. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Answers take so long, ms. */
  readonly delayMs?: number;
  readonly port?: number;
}

/** A stand-in for a Kubernetes API server: any kind of object, at `/api/v1/…` and `/apis/GROUP/VERSION/…`. */
export interface KubernetesApiServer {
  readonly url: string;
  readonly port: number;
  /** Every request so far, such as `GET /api/v1/services?limit=500`. */
  readonly requests: readonly string[];
  /** Creates or replaces an object, such as `put("/apis/discovery.k8s.io/v1/endpointslices", slice)`; tells the watchers. */
  readonly put: (collection: string, object: PlainObject) => void;
  /** Deletes an object by its key, `namespace/name` or `name`. */
  readonly remove: (collection: string, key: string) => void;
  /** The object as it is now. */
  readonly object: (collection: string, key: string) => PlainObject | undefined;
  /** How many watches are open. */
  readonly watches: () => number;
  /** Tells every watcher how far it is. */
  readonly bookmark: () => void;
  /** Forgets all history: watches from an older version, and the next pages of lists, are 410 from now on. */
  readonly compact: () => void;
  /** How a version that is too old is refused: by the answer's status, or by an event of the watch. */
  goneAs: "status" | "event";
  /** Ends every watch: properly, in the middle of a line, or by an event that says 410. */
  readonly endWatches: (how: "properly" | "mid-line" | "gone") => void;
  /** Sends this to every watcher, as it is. */
  readonly sendRaw: (text: string) => void;
  /** Answers this to the next requests, in order; undefined = as usual. */
  readonly answerNext: (...answers: readonly (Refused | undefined)[]) => void;
  token: string | undefined;
  delayMs: number;
  /** Stops listening and cuts every connection, as a killed process would. */
  readonly stop: () => Promise<void>;
  /** Listens again, on the same port, with all it knew. */
  readonly start: () => Promise<void>;
}

/** An answer that is no success. */
export interface Refused {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where a path leads. */
interface Target {
  /** Such as `/apis/discovery.k8s.io/v1/endpointslices`: of which kind. */
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly isStatus: boolean;
}

/** What is left of a list that is read page by page. */
interface Page {
  readonly items: PlainObject[];
  readonly version: number;
}

/** A request that changes something. */
interface Writing {
  readonly target: Target;
  readonly text: string;
  readonly response: ServerResponse;
}

interface Watcher {
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}

/** Starts a stand-in for an API server. */
export async function startKubernetesApi(
  t: Teardown,
  options: KubernetesApiOptions = {},
): Promise<KubernetesApiServer> {
  const server = new StandIn(options);
  await server.start();
  t.after(() => server.stop());
  return server;
}

class StandIn implements KubernetesApiServer {
  readonly requests: string[] = [];
  goneAs: "status" | "event" = "event";
  token: string | undefined;
  delayMs: number;
  port: number;
  readonly #tls: KubernetesApiOptions["tls"];
  readonly #objects = new KubernetesObjects((change) => this.#tell(change));
  readonly #watchers = new Set<Watcher>();
  readonly #pages = new Map<string, Page>();
  readonly #refusals: (Refused | undefined)[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor({ token, delayMs = 0, tls, port = 0 }: KubernetesApiOptions) {
    this.token = token;
    this.delayMs = delayMs;
    this.#tls = tls;
    this.port = port;
  }

  get url(): string {
    return `${this.#tls ? "https" : "http"}://127.0.0.1:${this.port}`;
  }

  readonly start = async (): Promise<void> => {
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#receive(request, response);
    const server = this.#tls ? createSecureServer(this.#tls, answer) : createServer(answer);
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  };

  readonly stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (!this.#server?.listening) return resolve();
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
      this.#server.closeAllConnections();
      this.#watchers.clear();
    });

  readonly put = (collection: string, object: PlainObject): void => {
    this.#objects.put(collection, structuredClone(object));
  };

  readonly remove = (collection: string, key: string): void => this.#objects.remove(collection, key);

  readonly object = (collection: string, key: string): PlainObject | undefined =>
    structuredClone(this.#objects.get(collection, key));

  readonly watches = (): number => this.#watchers.size;

  readonly bookmark = (): void => {
    for (const { query, response, target } of this.#watchers) {
      if (query.get("allowWatchBookmarks") !== "true") continue;
      const metadata = { resourceVersion: String(this.#objects.version), creationTimestamp: null };
      response.write(lineOf("BOOKMARK", { kind: target.kind, metadata }));
    }
  };

  readonly compact = (): void => {
    this.#objects.compact();
    this.#pages.clear();
  };

  readonly endWatches = (how: "properly" | "mid-line" | "gone"): void => {
    for (const watcher of this.#watchers) {
      this.#watchers.delete(watcher);
      endWatch(watcher.response, how);
    }
  };

  readonly sendRaw = (text: string): void => {
    for (const { response } of this.#watchers) response.write(text);
  };

  readonly answerNext = (...answers: readonly (Refused | undefined)[]): void => {
    this.#refusals.push(...answers);
  };

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${decodeURIComponent(request.url ?? "")}`);
    const text = await readBody(request);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const refused = this.#refusals.shift();
    if (refused) return answerRefused(response, refused);
    if (!this.#knows(request)) return answerStatus(response, 401, "Unauthorized");
    this.#answer(request, text, response);
  }

  #knows({ headers }: IncomingMessage): boolean {
    return this.token === undefined || headers.authorization === `Bearer ${this.token}`;
  }

  #answer(request: IncomingMessage, text: string, response: ServerResponse): void {
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://a");
    const target = targetOf(pathname);
    if (!target) return answerStatus(response, 404, "NotFound");
    if (request.method === "GET") return this.#read({ target, query, response });
    this.#change(request, { target, text, response });
  }

  #read(watcher: Watcher): void {
    const { target, query, response } = watcher;
    if (query.get("watch") === "true") return this.#watch(watcher);
    if (target.name === undefined) return this.#list(watcher);
    const found = this.#objects.get(target.kind, keyIn(target));
    if (found) answerJson(response, 200, found);
    else answerStatus(response, 404, "NotFound");
  }

  #list({ target, query, response }: Watcher): void {
    const page = this.#pageOf(target, query);
    if (!page) return answerStatus(response, 410, "Expired");
    const items = page.items.splice(0, Number(query.get("limit")) || Infinity);
    const next = page.items.length === 0 ? "" : `page-${this.#pages.size}-${page.version}`;
    if (next !== "") this.#pages.set(next, page);
    const metadata = { resourceVersion: String(page.version), continue: next };
    answerJson(response, 200, { kind: "List", apiVersion: "v1", metadata, items });
  }

  #pageOf(target: Target, query: URLSearchParams): Page | undefined {
    const token = query.get("continue");
    if (token !== null) return this.#pages.get(token);
    const items = this.#objects.all(target.kind).filter((object) => isWanted(object, target, query));
    return { items, version: this.#objects.version };
  }

  #watch(watcher: Watcher): void {
    const { target, query, response } = watcher;
    const missed = this.#objects.since(target.kind, Number(query.get("resourceVersion") || Infinity));
    if (!missed && this.goneAs === "status") return answerStatus(response, 410, "Expired");
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (!missed) return endWatch(response, "gone");
    for (const change of missed) tell(watcher, change);
    this.#watchers.add(watcher);
    response.once("close", () => this.#watchers.delete(watcher));
  }

  #tell(change: Change): void {
    for (const watcher of this.#watchers) tell(watcher, change);
  }

  #change({ method, headers }: IncomingMessage, writing: Writing): void {
    const { target, text, response } = writing;
    const known = this.#objects.get(target.kind, keyIn(target));
    const isApply = String(headers["content-type"]).startsWith("application/apply-patch");
    if (method === "POST") return this.#create(JSON.parse(text) as PlainObject, target, response);
    if (!known && !isApply) return answerStatus(response, 404, "NotFound");
    if (method !== "DELETE") return this.#replace(known, method, writing);
    this.#objects.remove(target.kind, keyIn(target));
    answerJson(response, 200, known);
  }

  #create(given: PlainObject, { kind, namespace }: Target, response: ServerResponse): void {
    const metadata = { ...given.metadata, ...(namespace !== undefined && { namespace }) };
    const object = { ...given, metadata };
    if (this.#objects.get(kind, keyOf(object))) return answerStatus(response, 409, "AlreadyExists");
    answerJson(response, 201, this.#objects.put(kind, object));
  }

  /** A status is changed at its own path, and nothing else there; what else there is, at the object's. */
  #replace(known: PlainObject | undefined, method: string | undefined, writing: Writing): void {
    const { target, text, response } = writing;
    const given = JSON.parse(text) as PlainObject;
    const base = known ?? { metadata: nameOf(target) };
    if (!isCurrent(given, base)) return answerStatus(response, 409, "Conflict");
    const next = method === "PUT" ? given : (mergePatch(base, given) as PlainObject);
    const metadata = { ...next.metadata, ...nameOf(target) };
    const object = target.isStatus
      ? { ...base, status: next["status"] }
      : { ...next, metadata, status: base["status"] };
    answerJson(response, 200, this.#objects.put(target.kind, object));
  }
}

/** Who names a version means that one, and no later one. */
function isCurrent(given: PlainObject, known: PlainObject): boolean {
  const { metadata } = given as Partial<PlainObject>;
  const resourceVersion = metadata?.["resourceVersion"];
  return resourceVersion === undefined || resourceVersion === known.metadata["resourceVersion"];
}

function tell({ target, query, response }: Watcher, { kind, type, object }: Change): void {
  if (target.kind === kind && isWanted(object, target, query)) response.write(lineOf(type, object));
}

function nameOf({ namespace, name = "" }: Target): PlainObject["metadata"] {
  return namespace === undefined ? { name } : { name, namespace };
}

/** `/apis/GROUP/VERSION[/namespaces/NAMESPACE]/KIND[/NAME[/status]]` */
function targetOf(path: string): Target | undefined {
  const found =
    /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(\/status)?$/.exec(
      path,
    );
  if (!found) return undefined;
  const [, group = "", namespace, plural = "", name, status] = found;
  return { kind: `${group}/${plural}`, namespace, name, isStatus: status !== undefined };
}

function keyIn({ namespace, name = "" }: Target): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function isWanted({ metadata }: PlainObject, { namespace }: Target, query: URLSearchParams): boolean {
  const [, name] = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "") ?? [];
  const isHere = namespace === undefined || metadata.namespace === namespace;
  const isNamed = name === undefined || name === metadata.name;
  return isHere && isNamed && hasLabels(metadata, query.get("labelSelector") ?? "");
}

function hasLabels(metadata: PlainObject["metadata"], wanted: string): boolean {
  const labels = (metadata["labels"] ?? {}) as Record<string, string>;
  const selectors = wanted.split(",").filter((part) => part !== "");
  return selectors.every((selector) => {
    const [key = "", value] = selector.split(/==?/);
    return value === undefined ? key in labels : labels[key] === value;
  });
}

function endWatch(response: ServerResponse, how: "properly" | "mid-line" | "gone"): void {
  if (how === "mid-line") {
    response.write('{"type":"ADDED","object":{"metadata":{"na');
    setTimeout(() => response.socket?.destroy(), 5);
    return;
  }
  if (how === "gone") response.write(lineOf("ERROR", statusOf(410, "Expired")));
  response.end();
}

function lineOf(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function statusOf(code: number, reason: string) {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `${reason}, says the stand-in`,
    reason,
    code,
  };
}

function answerStatus(response: ServerResponse, code: number, reason: string): void {
  answerJson(response, code, statusOf(code, reason));
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function answerRefused(response: ServerResponse, { status, headers = {}, body = "" }: Refused): void {
  response.writeHead(status, headers);
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = typeof target === "object" && target !== null ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
