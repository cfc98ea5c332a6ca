import process from "node:process";

/** What signals ask for. */
export interface SignalActions {
  /** SIGTERM or SIGINT, the first time. */
  readonly stop: () => void;
  /** The second time: whoever sends it does not want to wait. */
  readonly abort: () => void;
  /** SIGHUP. */
  readonly reload: () => void;
}

/** Listens to the signals of this process. */
export function handleSignals({ stop, abort, reload }: SignalActions): void {
  let isStopping = false;
  const end = () => {
    if (isStopping) return abort();
    isStopping = true;
    stop();
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.on("SIGHUP", reload);
}

/** Calls back when the process that started this one is gone, if it gave us a pipe as stdin. */
export function whenParentEnds(run: () => void): void {
  process.stdin.resume();
  process.stdin.once("close", run);
  process.stdin.once("end", run);
}
