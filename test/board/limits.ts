/** What a thread is told that takes and holds against others. */
export interface Takers {
  readonly buffer: SharedArrayBuffer;
  readonly worker: number;
  /** Keys that are new for every thread at once, one after the other. */
  readonly keys: number;
  readonly burst: number;
  readonly startMs: number;
  /** Leaves everything held, as a thread that dies. */
  readonly dies: boolean;
}

/** Named counters in which the threads meet and tell what they got. */
export const Got = { meetings: 40, taken: 41, tooMany: 42, held: 43, noRoom: 44 } as const;
