import { freeBytes } from "./free-bytes.ts";

/** As much of a socket as bytes go out by. */
export interface OutSocket {
  /** How many of the bytes the system has taken; below 0 where it takes none any more. */
  write(bytes: Uint8Array, from?: number, lengthBytes?: number): number;
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

  /** Tells whether all is on its way; what waits must not be written to any more. */
  write(bytes: Uint8Array): boolean {
    const count = this.#pass(bytes);
    return count === bytes.byteLength || this.#keep(bytes.subarray(count));
  }

  /** The same for the first of some bytes that stay the caller's: what waits is a copy. */
  writeLent(bytes: Uint8Array, lengthBytes: number): boolean {
    const count = this.isEmpty ? Math.max(0, this.#socket.write(bytes, 0, lengthBytes)) : 0;
    return count === lengthBytes || this.#keep(Uint8Array.prototype.slice.call(bytes, count, lengthBytes));
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

  /** Keeps no more memory than what waits needs; `isOwn`: nobody else has the bytes that it is a part of. */
  compact(isOwn: boolean): void {
    const first = this.#unsent[0];
    if (!first || first.byteLength === first.buffer.byteLength) return;
    this.#unsent[0] = new Uint8Array(first);
    if (isOwn) freeBytes(new Uint8Array(first.buffer));
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#unsent = [];
    this.unsentBytes = 0;
    this.#tellEmpty();
  }

  /** How many bytes go out at once: none before those that wait. */
  #pass(bytes: Uint8Array): number {
    return this.isEmpty && bytes.byteLength > 0 ? Math.max(0, this.#socket.write(bytes)) : 0;
  }

  #keep(bytes: Uint8Array): false {
    this.#unsent.push(bytes);
    this.unsentBytes += bytes.byteLength;
    return false;
  }

  #tellEmpty(): void {
    this.#whenEmpty?.resolve();
    this.#whenEmpty = undefined;
  }
}
