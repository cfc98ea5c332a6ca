/** The deadlines of one exchange with a server, all in ms; Infinity = none. */
export interface TimeLimits {
  /** To a connection. */
  readonly connectMs: number;
  /** From the request's last byte to the answer's headers, for one attempt. */
  readonly responseMs: number;
  /** Between two reads of a body, in either direction. */
  readonly idleMs: number;
  /** The whole exchange, retries included. */
  readonly totalMs: number;
}

/** The same with 0 for none, as the configuration has it. */
interface Timeouts {
  readonly connect: number;
  readonly response: number;
  readonly idle: number;
  readonly total: number;
}

/** The upstream's deadlines, where the route does not say otherwise. */
export function toTimeLimits(
  upstream: Timeouts,
  route: { readonly [Name in keyof Timeouts]?: number | undefined },
): TimeLimits {
  return {
    connectMs: orNever(route.connect ?? upstream.connect),
    responseMs: orNever(route.response ?? upstream.response),
    idleMs: orNever(route.idle ?? upstream.idle),
    totalMs: orNever(route.total ?? upstream.total),
  };
}

function orNever(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}
