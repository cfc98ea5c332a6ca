/** What a thread is told that records into slots that nobody cleared ahead. */
export interface Claims {
  readonly buffer: SharedArrayBuffer;
  readonly worker: number;
  readonly phases: number;
  /** Records of each thread in each phase. */
  readonly records: number;
  /** Time from one phase to the next: once round the ring, so that the same place is claimed again. */
  readonly phaseMs: number;
  readonly startMs: number;
}

/** Named counters in which the threads meet and tell what they saw. */
export const Told = { meetings: 1, counted: 2, tooMany: 3 } as const;
