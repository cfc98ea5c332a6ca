import type { Time } from "../runtime/host.ts";
import type { Crew } from "./workers/crew.ts";
import type { Log } from "./log.ts";

/** What a shutdown works with. */
export interface ShutdownOptions {
  readonly crew: Crew;
  /** How long we go on accepting though not ready any more, so that balancers in front can notice. */
  readonly graceMs: number;
  /** How long exchanges may take to end after that. */
  readonly drainMs: number;
  /** Exchanges that are open. */
  readonly openExchanges: () => number;
  readonly time: Time;
  readonly log: Log;
}

/** A crew that was told to end at once is left behind after this time, ms: whoever waits for us has a deadline too. */
const CLOSE_MS = 3000;

/** Ends the crew without cutting an exchange, if they end in time. */
export async function shutDown({
  crew,
  graceMs,
  drainMs,
  openExchanges,
  time,
  log,
}: ShutdownOptions): Promise<void> {
  log.info("stopping", { graceMs, drainMs });
  crew.askToLeave();
  if (graceMs > 0) await delay(time, graceMs);
  const isDrained = await endsInTime(crew.drain(), drainMs, time);
  if (!isDrained)
    log.warn("the time to drain is over, cutting what is still open", { exchanges: openExchanges() });
  if (!(await endsInTime(crew.close(), CLOSE_MS, time)))
    log.warn("a worker does not end, leaving without it");
}

/** Leaves no timer behind: it would keep a program running that has closed the app it made. */
async function endsInTime(work: Promise<void>, limitMs: number, time: Time): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = time.after(limitMs, () => resolve(false));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.stop();
  }
}

function delay(time: Time, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    time.after(delayMs, resolve);
  });
}
