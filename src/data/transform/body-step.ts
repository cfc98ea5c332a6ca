/**
 * A filter of bodies that never waits: bytes in, bytes out. One object serves one body.
 *
 * The same object works on a body that is at hand whole (`write` once, then `end`) and on one that streams. A chunk is only
 * lent: who keeps some of it for the next `write` copies it. What is kept must be bounded. What is thrown breaks the answer off.
 */
export interface BodyFilter {
  /** Takes the next bytes of the body, and gives what is ready; an empty list where nothing is. */
  write(chunk: Uint8Array): Uint8Array | readonly Uint8Array[];
  /** The body has ended: gives what was kept. */
  end(): Uint8Array | readonly Uint8Array[];
}

/** One step of a body's way that may have to wait: a coder on another thread, or code of the user's own. */
export interface BodyStep {
  /** Takes the next bytes; only after `next` has given undefined. */
  push(chunk: Uint8Array): void;
  /** Lets go of what it keeps for a better result, since the next bytes may be long in coming. */
  flush(): void;
  /** No bytes come any more. */
  end(): void;
  /** The next piece of output; undefined where it wants input first, or has ended. Rejects where the body is broken. */
  next(): Promise<Uint8Array | undefined>;
  /** Frees what it holds, at any time. */
  close(): void;
}

/** Lets a filter that never waits stand among steps that may. */
export function toBodyStep(filter: BodyFilter): BodyStep {
  const ready: Uint8Array[] = [];
  return {
    push: (chunk) => addPieces(ready, filter.write(chunk)),
    flush() {},
    end: () => addPieces(ready, filter.end()),
    next: () => Promise.resolve(ready.shift()),
    close() {},
  };
}

/** Adds what a filter gave to a list; nothing empty. */
export function addPieces(list: Uint8Array[], pieces: Uint8Array | readonly Uint8Array[]): void {
  const all = pieces instanceof Uint8Array ? [pieces] : pieces;
  for (const piece of all) {
    if (piece.byteLength > 0) list.push(piece);
  }
}
