import type { Time } from "../runtime/host.ts";
import type { Crew } from "./crew.ts";
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
  const isDrained = await Promise.race([
    crew.drain().then(() => true),
    delay(time, drainMs).then(() => false),
  ]);
  if (!isDrained)
    log.warn("the time to drain is over, cutting what is still open", { exchanges: openExchanges() });
  await crew.close();
}

function delay(time: Time, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    time.after(delayMs, resolve);
  });
}
