import type { Clients } from "./load-plan.ts";

/** Who takes up a proxy's room without asking much of it. */
export interface SlowPlan {
  readonly port: number;
  /** How many connections of each kind are kept open; one that was cut is replaced at once, by the next client. */
  readonly each: number;
  readonly seconds: number;
  readonly clients: Clients;
}

/** What came of it. */
export interface SlowReport {
  /** How many were connected on average, the first second left out. */
  readonly held: number;
  readonly opened: number;
  /** How many the other side ended. */
  readonly cut: number;
}
