import type { Distribution } from "./distribution.ts";

/** A server as the simulation knows it. */
export interface ServerModel {
  /** Default 1. */
  readonly weight?: number;
  /** Requests that it takes at most; default 0 = no limit. */
  readonly maxConnections?: number;
  /** Requests that it works on at once, first come, first served; the others wait. */
  readonly slots: number;
  /** How long it works on one. */
  readonly serviceMs: Distribution;
  /** It takes this many times as long as it should; default 1. */
  readonly slowness?: number;
  /** The share of requests, 0..1, that fail; default 0. */
  readonly failureRatio?: number;
  /** How soon those fail; default 1 ms. */
  readonly failureMs?: number;
  /** When it comes up; default 0. */
  readonly startsAtMs?: number;
  /** Then it takes `coldness` times as long (default 1), which wears off over `coldForMs`. */
  readonly coldness?: number;
  readonly coldForMs?: number;
}

/** An ordinary server. */
export function healthyServer(serviceMs: Distribution, slots = 16): ServerModel {
  return { slots, serviceMs };
}

/** A server that takes five times as long. */
export function slowServer(serviceMs: Distribution, slots = 16): ServerModel {
  return { slots, serviceMs, slowness: 5 };
}

/** A server that fails half of its requests, and fast: what draws traffic to it where failures look like speed. */
export function failingServer(serviceMs: Distribution, slots = 16): ServerModel {
  return { slots, serviceMs, failureRatio: 0.5, failureMs: 1 };
}

/** A server that comes up after a while, and takes ten times as long at first. */
export function coldServer(serviceMs: Distribution, slots = 16): ServerModel {
  return { slots, serviceMs, startsAtMs: 10_000, coldness: 10, coldForMs: 20_000 };
}
