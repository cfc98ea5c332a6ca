import type { Host, Timer } from "../../runtime/host.ts";
import type { KubernetesApi } from "./api.ts";
import { isGone, KubernetesError } from "./api-error.ts";
import { Backoff } from "./backoff.ts";
import { readLineBatches } from "./json-lines.ts";
import { type KubernetesObject, objectKey, slim } from "./kubernetes-object.ts";
import { listResources, pathOf, type Resources } from "./list-resources.ts";
import { readWatchEvent, type WatchEvent } from "./watch-event.ts";

/** What is watched, and who hears of it. */
export interface WatchOptions extends Resources {
  readonly api: KubernetesApi;
  readonly host: Pick<Host, "time" | "random">;
  /** Hears all objects as they are now: once they are listed, and whenever one of them has changed. */
  readonly onChange: (objects: readonly KubernetesObject[]) => void;
  /** Hears why they cannot be known at the moment; what was told before is the best that there is. */
  readonly onError: (error: Error) => void;
  /** Hears that what was told still holds. */
  readonly onConfirm?: () => void;
  /** A watch that tells nothing for so long is begun anew, ms: its connection may be dead. */
  readonly quietMs?: number;
}

/** Objects under watch. */
export interface ResourceWatch {
  stop(): void;
}

const defaultQuietMs = 120_000;

/** How long the API server is asked to let a watch run, seconds, and how much longer by chance. */
const runSeconds = { least: 240, more: 120 };

/** A watch that lasted for so long has not failed when it ends, ms. */
const trustedAfterMs = 5_000;

const backoff = { firstMs: 500, longestMs: 30_000 };

/**
 * Keeps all objects of a kind in mind: lists them, and follows what happens to them from there, again and again.
 *
 * The objects of before stay until a whole new list has come, so that nobody ever sees a part for the whole.
 */
export function watchResources(options: WatchOptions): ResourceWatch {
  const watch = new Watching(options);
  void watch.run();
  return watch;
}

class Watching implements ResourceWatch {
  readonly #options: WatchOptions;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  #objects = new Map<string, KubernetesObject>();
  /** From which to go on; "" = from a new list. */
  #version = "";

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...backoff, random: options.host.random });
  }

  async run(): Promise<void> {
    while (!this.#isStopped) await this.#pause(await this.#round());
  }

  stop(): void {
    this.#stopping.abort();
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Lists where that is needed, and follows until the watch ends. Gives how long to wait then, ms. */
  async #round(): Promise<number> {
    const beganAtMs = this.#options.host.time.monotonicMs();
    try {
      if (this.#version === "") await this.#list();
      await this.#follow();
      const lastedMs = this.#options.host.time.monotonicMs() - beganAtMs;
      if (lastedMs < trustedAfterMs) return this.#backoff.nextMs();
      this.#backoff.reset();
      return 0;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** A version that is too old is nobody's fault: a new list follows soon. */
  #fail(error: unknown): number {
    if (this.#isStopped) return 0;
    const fault = toKubernetesFault(error);
    const isUsual = isGone(fault) && this.#version !== "";
    if (needsList(fault)) this.#version = "";
    if (!isUsual) this.#options.onError(fault);
    return Math.max(fault.retryAfterMs ?? 0, this.#backoff.nextMs());
  }

  async #list(): Promise<void> {
    const { objects, version } = await listResources(this.#options.api, this.#options);
    if (this.#isStopped) return;
    this.#objects = objects;
    this.#version = version;
    this.#tell();
  }

  async #follow(): Promise<void> {
    const quiet = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, quiet.signal]);
    const alarm = this.#alarm(() => quiet.abort());
    try {
      const body = await this.#options.api.stream(this.#watchPath(), signal);
      this.#options.onConfirm?.();
      for await (const lines of readLineBatches(noteBytes(body, alarm.rewind))) this.#take(lines);
    } catch (error) {
      if (!quiet.signal.aborted) throw error;
    } finally {
      alarm.stop();
      quiet.abort();
    }
  }

  #watchPath(): string {
    const seconds = runSeconds.least + Math.floor(runSeconds.more * this.#options.host.random());
    return pathOf(this.#options, {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: this.#version,
      timeoutSeconds: String(seconds),
    });
  }

  /** Ends a watch that has gone quiet. */
  #alarm(ring: () => void): { readonly rewind: () => void; readonly stop: () => void } {
    const { host, quietMs = defaultQuietMs } = this.#options;
    let timer: Timer = host.time.after(quietMs, ring);
    return {
      rewind() {
        timer.stop();
        timer = host.time.after(quietMs, ring);
      },
      stop: () => timer.stop(),
    };
  }

  /** What has come together is told together. A line that says that the watch has failed ends it after those before it. */
  #take(lines: readonly string[]): void {
    if (this.#isStopped) return;
    let hasChanged = false;
    try {
      for (const line of lines) hasChanged = this.#apply(readWatchEvent(line)) || hasChanged;
    } finally {
      if (hasChanged) this.#tell();
    }
    this.#backoff.reset();
    this.#options.onConfirm?.();
  }

  #apply(event: WatchEvent): boolean {
    if (event.type === "nameless") return false;
    if (event.type === "bookmark") {
      this.#version = event.version || this.#version;
      return false;
    }
    const { object } = event;
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (event.type === "delete") return this.#objects.delete(objectKey(object));
    this.#objects.set(objectKey(object), slim(object));
    return true;
  }

  #tell(): void {
    if (!this.#isStopped) this.#options.onChange([...this.#objects.values()]);
  }

  #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.host.time.after(delayMs, resolve);
    const stop = (): void => {
      timer.stop();
      resolve();
    };
    this.#stopping.signal.addEventListener("abort", stop, { once: true });
    return promise.finally(() => this.#stopping.signal.removeEventListener("abort", stop));
  }
}

function toKubernetesFault(error: unknown): KubernetesError {
  if (error instanceof KubernetesError) return error;
  return new KubernetesError(error instanceof Error ? error.message : String(error));
}

/** Whether going on from the same version would be refused again. */
function needsList({ status }: KubernetesError): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

async function* noteBytes(body: ReadableStream<Uint8Array>, note: () => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    note();
    yield bytes;
  }
}
