import {
  createPassiveHealth,
  type FailureRecord,
  type GroupHealth,
  newPassiveHealth,
  type PassiveEvent,
  type PassiveHealth,
  type PassiveHealthSettings,
} from "../passive-health.ts";

/** Passive health in a simulation. */
export interface ModelledHealthSettings extends PassiveHealthSettings {
  /** Over how long requests and failures are counted for the failure rate. */
  readonly windowMs: number;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly server: number;
  readonly begunAt: number;
  readonly isFailure: boolean;
}

/** Ejects modelled servers as real ones are ejected; without settings nobody ever is. */
export class ModelledHealth {
  /** Changes with every state. */
  version = 0;
  ejected = 0;
  readonly #next: ((health: PassiveHealth, event: PassiveEvent, now: number) => PassiveHealth) | undefined;
  readonly #windowMs: number;
  readonly #healths: PassiveHealth[];
  readonly #records: (FailureRecord & { readonly countedFrom: number })[];

  constructor(settings: ModelledHealthSettings | undefined, count: number) {
    this.#next = settings && createPassiveHealth(settings);
    this.#windowMs = settings?.windowMs ?? 0;
    this.#healths = Array.from({ length: count }, () => newPassiveHealth(0));
    this.#records = Array.from({ length: count }, () => ({
      failuresInARow: 0,
      requests: 0,
      failures: 0,
      countedFrom: 0,
    }));
  }

  isEjected(server: number): boolean {
    return this.#healthOf(server).state !== "serving";
  }

  /** As in `Servers`. */
  trialAt(server: number): number {
    const health = this.#healthOf(server);
    return health.state === "ejected" ? health.untilAt : Number.POSITIVE_INFINITY;
  }

  /** As in `Servers`. The trial is the attempt that begins at this very moment. */
  claimTrial(server: number, now: number): boolean {
    this.#apply(server, { type: "trial-begun" }, now);
    return this.#healthOf(server).state === "trial";
  }

  /** Learns from an attempt. `servers` and `available` are those of the whole group. */
  learn({ server, begunAt, isFailure }: AttemptEnd, group: Omit<GroupHealth, "ejected">, now: number): void {
    if (this.#next === undefined) return;
    const record = this.#count(server, isFailure, now);
    const health = this.#healthOf(server);
    const isTrial = health.state === "trial" && health.sinceAt === begunAt;
    if (isTrial) this.#apply(server, { type: isFailure ? "trial-failed" : "trial-passed" }, now);
    else if (isFailure)
      this.#apply(server, { type: "failed", record, group: { ...group, ejected: this.ejected } }, now);
  }

  #apply(server: number, event: PassiveEvent, now: number): void {
    const before = this.#healthOf(server);
    const after = this.#next?.(before, event, now) ?? before;
    if (after === before) return;
    this.#healths[server] = after;
    this.version++;
    this.ejected += Number(after.state !== "serving") - Number(before.state !== "serving");
  }

  #count(server: number, isFailure: boolean, now: number): FailureRecord {
    const old = this.#records[server];
    const isOver = old === undefined || now - old.countedFrom >= this.#windowMs;
    const { requests, failures, countedFrom } = isOver ? { requests: 0, failures: 0, countedFrom: now } : old;
    const failed = Number(isFailure);
    const failuresInARow = isFailure ? (old?.failuresInARow ?? 0) + 1 : 0;
    const record = { failuresInARow, requests: requests + 1, failures: failures + failed, countedFrom };
    this.#records[server] = record;
    return record;
  }

  #healthOf(server: number): PassiveHealth {
    return this.#healths[server] as PassiveHealth;
  }
}
