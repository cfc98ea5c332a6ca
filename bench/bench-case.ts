import type { Child } from "./child.ts";
import type { BenchOptions } from "./options.ts";
import type { PeerName } from "./peers/peers.ts";

/** What is measured of a peer; how each is written stands in `measures.ts`. */
export type MeasureName =
  | "cpuUs"
  | "cpuRatio"
  | "cpuSpread"
  | "perSecond"
  | "perSecondRatio"
  | "p50Ms"
  | "p50Ratio"
  | "p99Ms"
  | "p99Ratio"
  | "quietP99Ms"
  | "quietP99Ratio"
  | "refusalCpuUs"
  | "refusalCpuRatio"
  | "floodPerSecond"
  | "slowClients"
  | "held"
  | "rssMb"
  | "growthMb"
  | "throughMb"
  | "errors";

/** One line of a case's table. */
export interface Row {
  readonly peer: PeerName;
  readonly measures: Readonly<Partial<Record<MeasureName, number | string>>>;
}

/** What a measure must not pass, or must reach. */
export interface Limit {
  readonly peer: PeerName;
  readonly measure: MeasureName;
  /** The number is a multiple of what this peer has; absent = it stands for itself. */
  readonly times?: PeerName;
  readonly most?: number;
  readonly least?: number;
}

/** The peers of a case, running. */
export interface Stage {
  readonly peers: ReadonlyMap<PeerName, Child>;
}

/** One thing that is measured, with the limits that the project set itself. */
export interface BenchCase {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly summary: string;
  readonly limits: readonly Limit[];
  readonly peers: readonly PeerName[];
  /** Measures the peers that are on the stage. */
  readonly measure: (stage: Stage, options: BenchOptions) => Promise<readonly Row[]>;
  /** Prefixes that get a route each. */
  readonly routes?: readonly string[];
  /** How many servers the upstream lists; 1 where absent. */
  readonly servers?: number;
  /** Whether the peers' listeners speak TLS. */
  readonly isTls?: boolean;
}
