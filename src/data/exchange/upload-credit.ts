/** How long a client may take over its first bytes, ms. */
const GRACE_MS = 5_000;

/** The most that a client gains by being fast for a while, ms: as long as a lost connection mostly takes to come back. */
const MOST_MS = 60_000;

/**
 * The time that a client may still take to send its body: waiting for it spends that time, and each of its bytes earns some,
 * so that whoever keeps up the rate is never cut, however unevenly the bytes come. Only the client's own slowness counts:
 * while the server is slow, nobody waits for the client.
 */
export class UploadCredit {
  readonly #msPerByte: number;
  #leftMs = GRACE_MS;

  /** 0 bytes a second = the client may take its time. */
  constructor(bytesPerSecond: number) {
    this.#msPerByte = bytesPerSecond > 0 ? 1000 / bytesPerSecond : Infinity;
  }

  /** How long the client may take from now on, ms. */
  leftMs(): number {
    return this.#msPerByte === Infinity ? Infinity : this.#leftMs;
  }

  /** Notes that so many bytes came after waiting for so long. */
  received(bytes: number, waitedMs: number): void {
    this.#leftMs = Math.min(MOST_MS, this.#leftMs - waitedMs + bytes * this.#msPerByte);
  }
}
