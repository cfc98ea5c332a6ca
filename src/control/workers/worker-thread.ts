import { Worker } from "node:worker_threads";

import type { FromWorker, ToWorker } from "../../data/worker-messages.ts";
import { isCompiled } from "../../runtime/is-compiled.ts";

/** A thread that runs a data plane, as its supervisor sees it. */
export interface WorkerThread {
  post(message: ToWorker): void;
  /** Ends the thread at once. */
  terminate(): Promise<void>;
}

/** What a supervisor hears of a thread. */
export interface WorkerEvents {
  message(message: FromWorker): void;
  /** Called once, when the thread is gone; `reason` is the error that ended it, where one did. */
  ended(reason: string | undefined): void;
}

/** Starts a thread. */
export type SpawnWorker = (events: WorkerEvents) => WorkerThread;

/** Starts a real thread, on either runtime and in the binary. */
export const spawnWorkerThread: SpawnWorker = (events) => {
  const worker = new Worker(workerFile());
  let reason: string | undefined;
  worker.on("message", (message: FromWorker) => events.message(message));
  worker.on("error", (error: unknown) => {
    reason = error instanceof Error ? error.message : String(error);
  });
  worker.once("exit", (code) => events.ended(reason ?? (code === 0 ? undefined : `exit code ${code}`)));
  return {
    post: (message) => worker.postMessage(message, []),
    async terminate() {
      await worker.terminate();
    },
  };
};

/** In the binary every module bears the binary's own address, and the worker's file lies beside it. */
function workerFile(): URL {
  return new URL(isCompiled() ? "./data/worker.ts" : "../../data/worker.ts", import.meta.url);
}
