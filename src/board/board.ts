import { type Attempts, createAttempts } from "./attempts.ts";
import { createElsewhere, type Elsewhere } from "./elsewhere.ts";
import { createFailures, type Failures } from "./failures.ts";
import { type Bans, createBans } from "./bans.ts";
import { createHolds, type Holds } from "./holds.ts";
import { createInflight, type Inflight } from "./inflight.ts";
import type { BoardSize } from "./layout.ts";
import { createMemory, openMemory } from "./memory.ts";
import { createNamedCounters, type NamedCounters } from "./named-counters.ts";
import { createRates, type Rates } from "./rates.ts";
import { createReadings, type Readings } from "./reading.ts";
import { createReportedLoad, type ReportedLoad } from "./reported-load.ts";
import { createSharedRates, type SharedRates } from "./shared-rates.ts";
import { createStanding, type Standing } from "./standing.ts";
import { createTallies, type Tallies } from "./tallies.ts";
import { createTrials, type Trials } from "./trials.ts";
import { createTurns, type Turns } from "./turns.ts";
import { createUpkeep, type Upkeep } from "./upkeep.ts";
import { createWorkerWords, type WorkerWords } from "./worker-words.ts";

/**
 * One thread's hand on the counters that all threads share. Exact over all threads; every instant is a parameter, in
 * wall-clock milliseconds; `row` is a number that the control plane gave out (`createRowTable`).
 *
 * | part          | written by    | methods                                                                             |
 * | ------------- | ------------- | ----------------------------------------------------------------------------------- |
 * | Inflight      | workers       | begin tryAcquire end inflight                                                       |
 * | Attempts      | workers       | recordAttempt recordResponseTime penalize recordRetry addBytes averageMs            |
 * | Failures      | workers       | recordFailure recordSuccess failuresInARow sinceFailureMs                           |
 * | ReportedLoad  | workers       | reportLoad reportedLoad reportedInflight reportAgeMs                                |
 * | Turns         | workers       | nextTurn                                                                            |
 * | Standing      | control plane | state setState weight setWeight setUpAt sinceUpMs version bumpVersion               |
 * | Trials        | both          | offerTrial withdrawTrial trialInMs claimTrial                                       |
 * | Rates         | workers       | takeRate giveBackRate                                                               |
 * | Holds         | workers       | hold letGo heldBy                                                                   |
 * | Bans          | both          | isAnyBanned bannedMs strike ban listBans liftBan                                    |
 * | Elsewhere     | control plane | setInflightElsewhere inflightElsewhere setLoadElsewhere loadElsewhere loadElsewhereAgeMs loadElsewhereInflight |
 * | SharedRates   | both          | takeShared giveBackShared shareRates sharedUses sharedUseAt leaseShared sharedLevel forgetShared |
 * | Readings      | nobody        | quantilesOf histogramOf errorRate recent totals readRow                             |
 * | Upkeep        | control plane | clearRow addTotals tick releaseWorker                                               |
 * | WorkerWords   | each its own  | beat sinceBeatMs lagMs addConnections addExchanges addWaiting connections exchanges waiting |
 * | Tallies       | workers       | tallyOf tally readTallies                                                           |
 * | NamedCounters | everybody     | count counter                                                                       |
 */
export interface Board
  extends
    Inflight,
    Attempts,
    Failures,
    ReportedLoad,
    Turns,
    Standing,
    Trials,
    Rates,
    Holds,
    Bans,
    Elsewhere,
    SharedRates,
    Readings,
    Upkeep,
    WorkerWords,
    Tallies,
    NamedCounters {
  /** How many rows there are. */
  readonly capacity: number;
  /** How many workers there are. */
  readonly workers: number;
}

/**
 * Makes an empty board for every thread to open. Throws a RangeError where it would not fit into 2 GiB.
 *
 * The seed is two random words: without them a client could choose names that share a place with another's.
 */
export function createBoard(size: BoardSize, seed: readonly [number, number] = [0, 0]): SharedArrayBuffer {
  return createMemory(size, seed);
}

/** Opens a board as one of its workers (0 to workers - 1), or as the control plane, which has a share of its own. */
export function openBoard(buffer: SharedArrayBuffer, worker: number | "control"): Board {
  const memory = openMemory(buffer, worker);
  const { capacity, workers } = memory.layout;
  const live = {
    ...createInflight(memory),
    ...createAttempts(memory),
    ...createFailures(memory),
    ...createReportedLoad(memory),
    ...createTurns(memory),
    ...createStanding(memory),
  };
  return {
    capacity,
    workers,
    ...live,
    ...createTrials(memory),
    ...createRates(memory),
    ...createHolds(memory),
    ...createBans(memory),
    ...createElsewhere(memory),
    ...createSharedRates(memory),
    ...createReadings(memory, live),
    ...createUpkeep(memory),
    ...createWorkerWords(memory),
    ...createTallies(memory),
    ...createNamedCounters(memory),
  };
}
