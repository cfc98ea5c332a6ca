import { openBoard } from "../../board/board.ts";
import type { Notify } from "../../data/plane-event.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { TakeSpans } from "../../data/trace/span-batch.ts";
import type { Host } from "../../runtime/host.ts";
import type { Crew } from "./crew.ts";
import type { Log } from "../log.ts";
import { startMainThreadCrew } from "./main-thread-crew.ts";
import { startWorkerCrew } from "./worker-crew.ts";
import { type SpawnWorker, spawnWorkerThread } from "./worker-thread.ts";

/** What a crew is started with. */
export interface CrewOptions {
  readonly host: Host;
  readonly board: SharedArrayBuffer;
  readonly snapshot: Snapshot;
  readonly workerCount: number;
  readonly log: Log;
  /** Takes what the planes tell about servers. */
  readonly notify?: Notify;
  /** Takes what the planes have traced. */
  readonly takeSpans?: TakeSpans;
  readonly spawn?: SpawnWorker;
}

/** Starts as many data planes as there are workers: one in this thread, several in threads of their own. */
export function startCrew(options: CrewOptions): Promise<Crew> {
  const { host, board, workerCount, log, spawn = spawnWorkerThread } = options;
  const { notify = () => {}, takeSpans = () => {} } = options;
  const report = (message: string) => log.error(message);
  if (workerCount === 1) return startMainThreadCrew({ ...options, notify, report, takeSpans });
  const control = openBoard(board, "control");
  const release = (workerIndex: number) => control.releaseWorker(workerIndex);
  return startWorkerCrew({ ...options, spawn, notify, report, takeSpans, time: host.time, release });
}

/** How many workers a configuration wants on this machine. */
export function countWorkers(workers: "auto" | number): number {
  return workers === "auto" ? Math.max(1, navigator.hardwareConcurrency) : workers;
}
