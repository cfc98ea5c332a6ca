import { isDeepStrictEqual } from "node:util";

import type { Host } from "../../../runtime/host.ts";
import type { KubernetesApi } from "../../kubernetes/api.ts";
import { isNotFound } from "../../kubernetes/api-error.ts";
import { changeStatus } from "../../kubernetes/change-status.ts";
import type { Log } from "../../log.ts";
import { RefreshSchedule } from "../../discovery/refresh-schedule.ts";
import { mergeStatus } from "./merge-status.ts";
import type { WantedStatus } from "./statuses.ts";
import { pathOfObject } from "../watch/watched-kinds.ts";

/** What a writer works with. */
export interface StatusWriterOptions {
  readonly api: KubernetesApi;
  readonly host: Pick<Host, "time">;
  readonly log: Log;
  /** Whether it is ours to write. */
  readonly isHolder: () => boolean;
}

/** So many are written at a time. */
const atATime = 4;

/**
 * Brings statuses to what they should be, of those objects only that say something else; one node does it for all. What
 * cannot be written is tried again.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #schedule: RefreshSchedule;
  #wanted: readonly WantedStatus[] = [];
  #isUnwell = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#schedule = new RefreshSchedule({ time: options.host.time, run: () => this.#write() });
  }

  /** Says what all statuses should be from now on. */
  want(wanted: readonly WantedStatus[]): void {
    this.#wanted = wanted;
    this.#schedule.request();
  }

  /** It may be ours to write now. */
  look(): void {
    this.#schedule.request();
  }

  stop(): void {
    this.#wanted = [];
    this.#schedule.stop();
  }

  /** False where something could not be written. */
  async #write(): Promise<boolean> {
    if (!this.#options.isHolder()) return true;
    const wanted = this.#wanted;
    const left = wanted.filter((status) => !isSaid(status.object.status, status, this.#now));
    const faults: Error[] = [];
    const work = async (): Promise<void> => {
      for (let status = left.pop(); status && this.#wanted === wanted; status = left.pop()) {
        await this.#writeOne(status).catch((error: Error) => void faults.push(error));
      }
    };
    await Promise.all(Array.from({ length: atATime }, work));
    this.#tell(faults);
    return faults.length === 0;
  }

  async #writeOne(wanted: WantedStatus): Promise<void> {
    const { namespace, name } = wanted.object.metadata;
    try {
      await changeStatus(this.#options.api, pathOfObject(wanted.kind, namespace, name), (current) => {
        const isLater = (current.metadata.generation ?? 0) > wanted.object.metadata.generation;
        if (isLater || !this.#options.isHolder() || isSaid(current["status"], wanted, this.#now))
          return undefined;
        return mergeStatus(current["status"], wanted, this.#now);
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Said once, until all could be written. */
  #tell(faults: readonly Error[]): void {
    const [first] = faults;
    if (first !== undefined && !this.#isUnwell) {
      this.#options.log.warn("statuses cannot be written", { count: faults.length, reason: first.message });
    }
    this.#isUnwell = first !== undefined;
  }

  get #now(): string {
    return new Date(this.#options.host.time.now()).toISOString().replace(/\.\d+Z$/, "Z");
  }
}

function isSaid(current: unknown, wanted: WantedStatus, now: string): boolean {
  return isDeepStrictEqual(current, toPlain(mergeStatus(current, wanted, now)));
}

/** As it comes back from the API: without keys that have no value. */
function toPlain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
