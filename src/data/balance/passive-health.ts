/** What passive health goes by. */
export interface PassiveHealthSettings {
  /** Failures in a row that eject a server. */
  readonly failures: number;
  /** Or this share of its requests, 0..1, … */
  readonly failureRate: number;
  /** … of at least so many. */
  readonly minRequests: number;
  /** How long it is out, times how often it was ejected lately, … */
  readonly ejectForMs: number;
  /** … but no longer than this. */
  readonly maxEjectForMs: number;
  /** The share of the upstream's servers, 0..1, that may be out at once; unless it is 0, one always may. */
  readonly maxEjectedRatio: number;
}

/** Whether real traffic shows that a server works. */
export type PassiveHealth =
  /** It takes requests. `strikes` is how often it was ejected before, as of `sinceAt`. */
  | { readonly state: "serving"; readonly strikes: number; readonly sinceAt: number }
  /** It gets nothing until `untilAt`, and then one request on trial. */
  | { readonly state: "ejected"; readonly strikes: number; readonly untilAt: number }
  /** That request is under way. */
  | { readonly state: "trial"; readonly strikes: number; readonly sinceAt: number };

/** What happens to a server, in the eyes of passive health. */
export type PassiveEvent =
  | { readonly type: "failed"; readonly record: FailureRecord; readonly group: GroupHealth }
  | { readonly type: "trial-begun" }
  | { readonly type: "trial-passed" }
  | { readonly type: "trial-failed" }
  /** The trial ended without a verdict, such as when the client left. */
  | { readonly type: "trial-lost" };

/** What is counted of a server, the failure included. */
export interface FailureRecord {
  readonly failuresInARow: number;
  /** Of the last `window`. */
  readonly requests: number;
  readonly failures: number;
}

/** How the whole upstream stands, before the change. */
export interface GroupHealth {
  readonly servers: number;
  /** Those that may be chosen, this one and backups included. */
  readonly available: number;
  readonly ejected: number;
}

/** How many whole seconds a window of the failure rate takes: the board counts by those, and keeps 60 of them. */
export function windowSeconds(windowMs: number): number {
  return Math.min(60, Math.max(1, Math.ceil(windowMs / 1000)));
}

/** A server that nothing is known against. */
export function newPassiveHealth(now: number): PassiveHealth {
  return { state: "serving", strikes: 0, sinceAt: now };
}

/**
 * What comes of a server when something happens to it. The same object means that nothing has changed.
 *
 * A trial is decided by its own request alone: others that ended meanwhile began before, and prove nothing. Whoever
 * calls this must be one for all workers, so that two of them cannot eject the last two servers at once.
 */
export function createPassiveHealth(settings: PassiveHealthSettings) {
  return (health: PassiveHealth, event: PassiveEvent, now: number): PassiveHealth => {
    if (health.state === "trial") return decide(settings, { health, event }, now);
    if (health.state === "ejected") return event.type === "trial-begun" ? beginTrial(health, now) : health;
    return event.type === "failed" && mustEject(settings, event) ? eject(settings, health, now) : health;
  };
}

function decide(
  settings: PassiveHealthSettings,
  { health, event }: { health: PassiveHealth; event: PassiveEvent },
  now: number,
): PassiveHealth {
  if (event.type === "trial-passed") return { state: "serving", strikes: health.strikes, sinceAt: now };
  if (event.type === "trial-failed") return eject(settings, health, now);
  if (event.type === "trial-lost") return { state: "ejected", strikes: health.strikes, untilAt: now };
  return health;
}

function beginTrial(health: PassiveHealth & { state: "ejected" }, now: number): PassiveHealth {
  return now >= health.untilAt ? { state: "trial", strikes: health.strikes, sinceAt: now } : health;
}

function mustEject(
  settings: PassiveHealthSettings,
  { record, group }: PassiveEvent & { type: "failed" },
): boolean {
  return isFailing(settings, record) && mayEject(settings, group);
}

/** Whether a server fails so often that it may have to be ejected. */
export function isFailing(
  settings: Pick<PassiveHealthSettings, "failures" | "failureRate" | "minRequests">,
  record: FailureRecord,
): boolean {
  if (record.failuresInARow >= settings.failures) return true;
  return record.requests >= settings.minRequests && record.failures >= settings.failureRate * record.requests;
}

/** The last available server is never ejected: a bad answer is better than none. */
function mayEject(settings: PassiveHealthSettings, group: GroupHealth): boolean {
  const most =
    settings.maxEjectedRatio === 0 ? 0 : Math.max(1, Math.floor(settings.maxEjectedRatio * group.servers));
  return group.available > 1 && group.ejected < most;
}

function eject(settings: PassiveHealthSettings, health: PassiveHealth, now: number): PassiveHealth {
  const strikes = strikesLeft(settings, health, now) + 1;
  const ejectForMs = Math.min(settings.ejectForMs * strikes, settings.maxEjectForMs);
  return { state: "ejected", strikes, untilAt: now + ejectForMs };
}

/** A strike is forgotten with each `ejectForMs` of good service, as Envoy does. */
function strikesLeft(settings: PassiveHealthSettings, health: PassiveHealth, now: number): number {
  if (health.state !== "serving") return health.strikes;
  const forgotten = Math.floor(Math.max(0, now - health.sinceAt) / settings.ejectForMs);
  return Math.max(0, health.strikes - forgotten);
}
