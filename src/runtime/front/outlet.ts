/** As much of a socket as bytes go out by. */
export interface OutSocket {
  /** How many bytes the system has taken; below 0 where it takes none any more. */
  write(bytes: Uint8Array): number;
}

/** What goes out on a connection: at once as far as the system takes it, the rest as soon as it does. */
export class Outlet {
  /** How many bytes wait. */
  unsentBytes = 0;
  readonly #socket: OutSocket;
  #unsent: Uint8Array[] = [];
  #whenEmpty: PromiseWithResolvers<void> | undefined;

  constructor(socket: OutSocket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.unsentBytes === 0;
  }

  /** Tells whether all is on its way; what waits is a copy, so that the bytes are the caller's again. */
  write(bytes: Uint8Array): boolean {
    if (bytes.byteLength === 0) return this.isEmpty;
    const count = this.isEmpty ? Math.max(0, this.#socket.write(bytes)) : 0;
    if (count === bytes.byteLength) return true;
    this.#unsent.push(Uint8Array.prototype.slice.call(bytes, count));
    this.unsentBytes += bytes.byteLength - count;
    return false;
  }

  /** Resolves when nothing waits any more, or never will go out. */
  empty(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    this.#whenEmpty ??= Promise.withResolvers();
    return this.#whenEmpty.promise;
  }

  /** The system takes bytes again. */
  drain(): void {
    for (let first = this.#unsent[0]; first; first = this.#unsent[0]) {
      const count = Math.max(0, this.#socket.write(first));
      this.unsentBytes -= count;
      if (count < first.byteLength) {
        this.#unsent[0] = first.subarray(count);
        return;
      }
      this.#unsent.shift();
    }
    this.#tellEmpty();
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#unsent = [];
    this.unsentBytes = 0;
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    this.#whenEmpty?.resolve();
    this.#whenEmpty = undefined;
  }
}
