/** How a cost grows with a number of things. */
export interface Curve {
  readonly name: string;
  /** What grows, in words. */
  readonly summary: string;
  readonly unit: string;
  readonly points: readonly Point[];
}

/** One measurement. */
export interface Point {
  readonly count: number;
  readonly cost: number;
}
