import type { Headgate } from "../control/headgate.ts";
import { handleSignals } from "../control/signals.ts";

/**
 * Stays until a signal ends the proxy, and resolves with the exit code: 0, or 1 where a second signal cut it short.
 * Rejects where it cannot start.
 *
 * Takes the promise, so that the signals are listened to before anybody can read in the log that it is ready.
 */
export function stayUntilStopped(
  starting: Promise<Headgate>,
  beforeStop: () => void | Promise<void> = () => {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)));
    starting.catch(fail);
    handleSignals({
      stop: () => void stop(starting, beforeStop).then(resolve, fail),
      abort: () => resolve(1),
      reload: () => void reload(starting).catch(fail),
    });
  });
}

async function stop(starting: Promise<Headgate>, beforeStop: () => void | Promise<void>): Promise<number> {
  const stopped = beforeStop();
  const headgate = await starting;
  await headgate.stop();
  await stopped;
  return 0;
}

async function reload(starting: Promise<Headgate>): Promise<void> {
  const headgate = await starting;
  headgate.reopenLog();
  await headgate.reload();
}
