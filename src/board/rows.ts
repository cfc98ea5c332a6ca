import type { Board } from "./board.ts";

/** Which row belongs to whom. Only the control plane has one. */
export interface RowTable {
  /**
   * The row of this key, the same as long as the key is kept, or a clean one. Throws a RangeError when all rows are taken.
   */
  rowOf(key: string): number;
  /** The row of this key, if it has one. */
  find(key: string): number | undefined;
  /** Frees the row of a server that is gone; to be called when nothing is in flight on it any more. */
  free(key: string): void;
  /** How many rows are not taken. */
  left(): number;
  /** All keys and their rows. */
  entries(): IterableIterator<[string, number]>;
}

/** Gives out the rows of a board, lowest first, so that little memory is used. */
export function createRowTable(board: Board): RowTable {
  const rows = new Map<string, number>();
  const freed: number[] = [];
  let untouched = 0;

  function take(key: string): number {
    if (rows.size === board.capacity) {
      throw new RangeError(`Cannot give "${key}" a row: all ${board.capacity} are taken`);
    }
    const row = freed.pop() ?? untouched++;
    board.clearRow(row);
    rows.set(key, row);
    return row;
  }

  return {
    rowOf: (key) => rows.get(key) ?? take(key),
    find: (key) => rows.get(key),
    free(key) {
      const row = rows.get(key);
      if (row === undefined) return;
      rows.delete(key);
      freed.push(row);
    },
    left: () => board.capacity - rows.size,
    entries: () => rows.entries(),
  };
}
