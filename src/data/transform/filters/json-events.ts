/** What a value is. */
export type JsonKind = "list" | "object" | "scalar";

/** What a scanner tells; places are offsets into the chunk that is being written. */
export interface JsonEvents {
  /** A key of the object at this depth; the root's own depth is 1. Undefined for one that nobody looks for. */
  key(key: string | undefined, depth: number): void;
  /** A value begins in the container at this depth; 0 = a root. */
  valueStart(at: number, depth: number, kind: JsonKind): void;
  /** The value ended before this place. */
  valueEnd(at: number, depth: number): void;
}

/** How keys are read. */
export interface KeyReading {
  /** How long the keys are that are looked for, bytes; others are not read, unless they have escapes. */
  readonly lengths: ReadonlySet<number>;
  readonly read: (bytes: Uint8Array) => string;
}
