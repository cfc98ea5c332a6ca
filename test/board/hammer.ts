/** What a hammering thread is told to do. */
export interface Hammer {
  readonly buffer: SharedArrayBuffer;
  readonly worker: number;
  readonly rounds: number;
  /** It hammers the rows below; the row of this number has a limit. */
  readonly rows: number;
  readonly limit: number;
  readonly startMs: number;
  /** Leaves everything in flight, as a thread that dies. */
  readonly dies: boolean;
}

/** Named counters in which the threads tell what they saw. */
export const Seen = { ready: 3, carries: 7, acquired: 20, overLimit: 21 } as const;
