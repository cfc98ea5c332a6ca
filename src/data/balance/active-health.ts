/** What active health goes by. */
export interface ActiveHealthSettings {
  /** Passes in a row that bring a server up. */
  readonly rise: number;
  /** Failures in a row that take it down. */
  readonly fall: number;
}

/** What the probes of a server show. */
export type ActiveHealth =
  /** Not probed yet: it takes requests, and the first probe decides. */
  | { readonly state: "unknown" }
  /** Up, with so many failures in a row since. */
  | { readonly state: "up"; readonly failures: number }
  /** Down, with so many passes in a row since. */
  | { readonly state: "down"; readonly passes: number };

/**
 * What comes of a server when a probe ended. The same object means that nothing has changed.
 *
 * The first probe after start-up decides at once, as HAProxy's does: a server that is not there when we start should not
 * cost its clients `fall` intervals of errors.
 */
export function createActiveHealth({ rise, fall }: ActiveHealthSettings) {
  return (health: ActiveHealth, probe: { readonly passed: boolean }): ActiveHealth => {
    if (health.state === "unknown") return probe.passed ? up : down;
    if (probe.passed === (health.state === "up")) return confirmed(health);
    if (health.state === "up")
      return health.failures + 1 >= fall ? down : { state: "up", failures: health.failures + 1 };
    return health.passes + 1 >= rise ? up : { state: "down", passes: health.passes + 1 };
  };
}

const up: ActiveHealth = { state: "up", failures: 0 };
const down: ActiveHealth = { state: "down", passes: 0 };

/** The row of contrary probes ends. */
function confirmed(health: ActiveHealth): ActiveHealth {
  if (health.state === "up") return health.failures === 0 ? health : up;
  return health.state === "down" && health.passes === 0 ? health : down;
}
