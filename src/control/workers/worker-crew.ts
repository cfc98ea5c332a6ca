import type { ListenerAddress } from "../../data/plane.ts";
import type { Notify } from "../../data/plane-event.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { TakeSpans } from "../../data/trace/span-batch.ts";
import type { Time, Timer } from "../../runtime/host.ts";
import { chosenPorts, type Crew } from "./crew.ts";
import type { Log } from "../log.ts";
import { WorkerSlot } from "./worker-slot.ts";
import type { SpawnWorker } from "./worker-thread.ts";

/** What a crew of threads is started with. */
export interface WorkerCrewOptions {
  readonly workerCount: number;
  readonly board: SharedArrayBuffer;
  readonly snapshot: Snapshot;
  readonly spawn: SpawnWorker;
  readonly time: Time;
  readonly log: Log;
  readonly notify: Notify;
  readonly takeSpans: TakeSpans;
  readonly report: (message: string) => void;
  /** Takes a dead worker's exchanges off the board. */
  readonly release: (workerIndex: number) => void;
}

/** A worker that dies is started anew after this time, in ms, twice as long each time, up to the second number. */
const restartDelaysMs = { first: 100, longest: 10_000 };

/** A worker that has run for so long, in ms, is trusted again. */
const trustedAfterMs = 60_000;

/** Runs one data plane per thread, and starts a thread anew when it dies, without touching the others. */
export async function startWorkerCrew(options: WorkerCrewOptions): Promise<Crew> {
  const crew = new WorkerCrew(options);
  try {
    await crew.start();
  } catch (error) {
    await crew.close();
    throw error;
  }
  return crew;
}

class WorkerCrew implements Crew {
  readonly #options: WorkerCrewOptions;
  readonly #slots: readonly WorkerSlot[];
  readonly #restarts = new Map<WorkerSlot, { delayMs: number; startedAt: number; timer?: Timer }>();
  #snapshot: Snapshot;
  #addresses: readonly ListenerAddress[] = [];
  #isEnding = false;

  constructor(options: WorkerCrewOptions) {
    const died = (slot: WorkerSlot, reason: string) => this.#died(slot, reason);
    this.#options = options;
    this.#snapshot = options.snapshot;
    this.#slots = Array.from(
      { length: options.workerCount },
      (_, index) => new WorkerSlot({ ...options, index, died }),
    );
  }

  /** The first worker learns the ports that the system chooses; the others open the same ones. */
  async start(): Promise<void> {
    const [first, ...others] = this.#slots;
    this.#addresses = (await first?.start(this.#snapshot, {})) ?? [];
    await Promise.all(others.map((slot) => slot.start(this.#snapshot, this.#ports(this.#snapshot))));
  }

  addresses(): readonly ListenerAddress[] {
    return this.#addresses;
  }

  workerCount(): number {
    return this.#slots.filter((slot) => slot.isRunning).length;
  }

  async apply(snapshot: Snapshot): Promise<void> {
    const before = { snapshot: this.#snapshot, addresses: this.#addresses };
    this.#snapshot = snapshot; // a worker that is starting meanwhile must not fall behind
    try {
      await this.#applyToAll(snapshot);
    } catch (error) {
      this.#snapshot = before.snapshot;
      this.#addresses = before.addresses;
      await this.#goBack(before.snapshot);
      throw error;
    }
  }

  retire(): void {
    for (const slot of this.#slots) slot.retire();
  }

  reopenLog(): void {
    for (const slot of this.#slots) slot.reopenLog();
  }

  askToLeave(): void {
    for (const slot of this.#slots) slot.askToLeave();
  }

  async drain(): Promise<void> {
    this.#stopRestarting();
    await Promise.all(this.#slots.map((slot) => slot.drain()));
  }

  async close(): Promise<void> {
    this.#stopRestarting();
    await Promise.all(this.#slots.map((slot) => slot.terminate()));
  }

  /** One worker goes first: it learns the ports of new listeners, and mostly it is the one that refuses. */
  async #applyToAll(snapshot: Snapshot): Promise<void> {
    const [first, ...others] = this.#slots.filter((slot) => slot.isRunning);
    this.#addresses = (await first?.apply(snapshot, this.#ports(snapshot))) ?? this.#addresses;
    const answers = await Promise.allSettled(
      others.map((slot) => slot.apply(snapshot, this.#ports(snapshot))),
    );
    const refusal = answers.find((answer) => answer.status === "rejected");
    if (refusal !== undefined) throw refusal.reason;
  }

  async #goBack(snapshot: Snapshot): Promise<void> {
    try {
      await this.#applyToAll(snapshot);
    } catch (error) {
      this.#options.log.error("a worker refuses to go back", { reason: String(error) });
    }
  }

  #ports(snapshot: Snapshot): Readonly<Record<string, number>> {
    return chosenPorts(snapshot, this.#addresses);
  }

  #died(slot: WorkerSlot, reason: string): void {
    this.#options.release(slot.index);
    if (this.#isEnding) return;
    const delayMs = this.#nextDelayMs(slot);
    this.#options.log.error("a worker died and is started again", {
      worker: slot.index,
      reason,
      afterMs: delayMs,
    });
    this.#restartLater(slot, delayMs);
  }

  #nextDelayMs(slot: WorkerSlot): number {
    const last = this.#restarts.get(slot);
    const isTrusted =
      last === undefined || this.#options.time.monotonicMs() - last.startedAt > trustedAfterMs;
    return isTrusted ? restartDelaysMs.first : Math.min(last.delayMs * 2, restartDelaysMs.longest);
  }

  #restartLater(slot: WorkerSlot, delayMs: number): void {
    const { time } = this.#options;
    const timer = time.after(delayMs, () => void this.#restart(slot));
    this.#restarts.set(slot, { delayMs, startedAt: time.monotonicMs() + delayMs, timer });
  }

  async #restart(slot: WorkerSlot): Promise<void> {
    const { log } = this.#options;
    const started = this.#snapshot;
    try {
      await slot.start(started, this.#ports(started));
      if (this.#isEnding) return await slot.terminate();
      if (started !== this.#snapshot) await slot.apply(this.#snapshot, this.#ports(this.#snapshot));
      log.info("a worker runs again", { worker: slot.index });
    } catch (error) {
      const delayMs = this.#nextDelayMs(slot);
      log.error("a worker cannot start", { worker: slot.index, reason: String(error), afterMs: delayMs });
      if (!this.#isEnding) this.#restartLater(slot, delayMs);
    }
  }

  #stopRestarting(): void {
    this.#isEnding = true;
    for (const { timer } of this.#restarts.values()) timer?.stop();
  }
}
