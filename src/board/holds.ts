import { Cells, Unused } from "./cells.ts";
import type { CellLaw } from "./cells.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { holdRegion, leasesAt } from "./layout.ts";
import type { Memory } from "./memory.ts";

/** How many each key holds at a time, exact over all threads. */
export interface Holds {
  /** Takes one for a key unless it holds `max`; gives a lease to let it go by, or why not (`NoHold`). */
  hold(scope: number, key: string, max: number): number;
  /** Lets go what `hold` took. */
  letGo(lease: number): void;
  /** How many a key holds. */
  heldBy(scope: number, key: string): number;
}

/** Why nothing was taken: the key holds as many as it may, or the table has no room for another key. */
export const NoHold = { full: -1, noRoom: -2 } as const;

class HoldLaw implements CellLaw {
  max = 0;

  next(held: number): number {
    if (held < 0) return 1;
    return held < this.max ? held + 1 : -1;
  }

  /** A key that holds something keeps its cell. */
  worth(held: number): number {
    return held > 0 ? Infinity : 0;
  }
}

/**
 * Counters by key, each in a cell; and beside them, for each worker, a list of the cells that it holds, so that a worker
 * that dies does not leave them behind (`releaseHolds`).
 */
export function createHolds({ words, layout, workerIndex, seed }: Memory): Holds {
  const cells = new Cells(words, holdRegion(layout), workerIndex);
  const hash = new KeyedHash(seed);
  const law = new HoldLaw();
  const listAt = leasesAt(layout, workerIndex);
  const freed: number[] = [];
  let untouched = 0;

  function nextLease(): number {
    return freed.pop() ?? (untouched < layout.leases ? untouched++ : NoHold.noRoom);
  }

  return {
    hold(scope, key, max) {
      const lease = nextLease();
      if (lease < 0) return lease;
      law.max = max;
      const held = cells.use(hash.text(scope, key), law, 0);
      if (held > 0) Atomics.store(words, listAt + lease, cells.place);
      else freed.push(lease);
      return held > 0 ? lease : whyNot(held);
    },
    letGo(lease) {
      const place = Atomics.exchange(words, listAt + lease, 0);
      if (place === 0) return;
      cells.lower(place);
      freed.push(lease);
    },
    heldBy: (scope, key) => Math.max(0, cells.read(hash.text(scope, key))),
  };
}

/** Lets go all that a dead worker held. */
export function releaseHolds({ words, layout, workerIndex: own }: Memory, workerIndex: number): void {
  const cells = new Cells(words, holdRegion(layout), own);
  const listAt = leasesAt(layout, workerIndex);
  for (let lease = 0; lease < layout.leases; lease++) {
    if (Atomics.load(words, listAt + lease) === 0) continue;
    cells.lower(Atomics.exchange(words, listAt + lease, 0));
  }
}

function whyNot(held: number): number {
  return held === Unused.noRoom ? NoHold.noRoom : NoHold.full;
}
