/** The known name that a mistyped one most likely meant; undefined when none is near. */
export function didYouMean(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 64) return undefined;
  const near = known
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.name;
}

/**
 * How many letters to add, drop, change or swap with their neighbour make the one text the other.
 *
 * Source: optimal string alignment, a restricted Damerau-Levenshtein distance.
 */
export function editDistance(a: string, b: string): number {
  const table = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const distanceAt = (row: number, column: number) => table[row]?.[column] ?? Infinity;
  for (let row = 1; row <= a.length; row++) {
    const cells = [row];
    table.push(cells);
    for (let column = 1; column <= b.length; column++) {
      const change = distanceAt(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swap = isSwap(a.slice(Math.max(0, row - 2), row), b.slice(Math.max(0, column - 2), column))
        ? 1
        : Infinity;
      const addOrDrop = 1 + Math.min(distanceAt(row - 1, column), distanceAt(row, column - 1));
      cells.push(Math.min(change, addOrDrop, distanceAt(row - 2, column - 2) + swap));
    }
  }
  return distanceAt(a.length, b.length);
}

function isSwap(a: string, b: string): boolean {
  return a.length === 2 && a[0] === b[1] && a[1] === b[0];
}
