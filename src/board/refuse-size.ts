const fewestClients = 64;
const maxWords = 2 ** 29; // 2 GiB: every index stays a small integer in both engines

/** What of a layout can be impossible. */
interface Extent {
  readonly capacity: number;
  readonly workers: number;
  readonly totalWords: number;
}

/** Throws a RangeError where no board of this size can be. */
export function refuseImpossible({ capacity, workers, totalWords }: Extent, clients: number): void {
  if (!isCount(capacity) || !isCount(workers)) {
    throw new RangeError(
      `Cannot lay out a board: ${capacity} rows and ${workers} workers are not whole numbers above 0`,
    );
  }
  if (!Number.isInteger(Math.log2(clients / fewestClients)) || clients < fewestClients) {
    throw new RangeError(
      `Cannot lay out a board: ${clients} clients are no power of two from ${fewestClients} on`,
    );
  }
  if (totalWords > maxWords) {
    throw new RangeError(`Cannot lay out a board: ${capacity} rows need more than 2 GiB of address space`);
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}
