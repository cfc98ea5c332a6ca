/**
 * Where in JSON we are, as far as it matters for keys that are looked for: a bare one at any depth, a path with dots from the
 * root. Lists do not count in a path.
 */
export class JsonPlaces {
  readonly #bare: ReadonlySet<string>;
  /** The paths by their last name. */
  readonly #paths = new Map<string, string[][]>();
  /** The key that is open at each depth; undefined for one that nobody looks for, null for a list. */
  readonly #open: (string | undefined | null)[] = [];

  constructor(keys: readonly string[]) {
    this.#bare = new Set(keys.filter((key) => !key.includes(".")));
    for (const path of keys.filter((key) => key.includes(".")).map((key) => key.split("."))) {
      const last = path.at(-1) ?? "";
      this.#paths.set(last, [...(this.#paths.get(last) ?? []), path]);
    }
  }

  /** The names that are looked for. */
  names(): readonly string[] {
    return [...this.#bare, ...[...this.#paths.values()].flat(2)];
  }

  /** Notes the key in the object at a depth. */
  setKey(key: string | undefined, depth: number): void {
    this.#open[depth] = key;
  }

  /** Notes that the container at a depth is a list. */
  setList(depth: number): void {
    this.#open[depth] = null;
  }

  /** Whether the value that begins in the container at this depth is looked for. */
  isMeant(depth: number): boolean {
    const key = this.#open[depth];
    if (depth === 0 || key === undefined || key === null) return false;
    return this.#bare.has(key) || (this.#paths.get(key) ?? []).some((path) => this.#leadsTo(depth, path));
  }

  #leadsTo(depth: number, path: readonly string[]): boolean {
    let left = path.length;
    for (let at = depth; at > 0; at--) {
      const name = this.#open[at];
      if (name === null) continue;
      left--;
      if (left < 0 || path[left] !== name) return false;
    }
    return left === 0;
  }
}
