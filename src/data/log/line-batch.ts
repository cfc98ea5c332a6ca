import { Buffer } from "node:buffer";

/** As many bytes as a batch has room for at first, and again when it is emptied. */
const ROOM_BYTES = 128 * 1024;

const LINE_END = 0x0a;

/**
 * Lines on their way to a file, as bytes. As text they would be dozens of pieces each until they are written, and the garbage
 * collector would walk over all of them again and again.
 */
export class LineBatch {
  count = 0;
  byteLength = 0;
  #bytes = Buffer.allocUnsafeSlow(ROOM_BYTES);

  /** Takes a line, without its line break. */
  add(line: string): void {
    const most = this.byteLength + 3 * line.length + 1; // UTF-8 has three bytes for a unit of UTF-16 at most
    if (most > this.#bytes.byteLength) this.#grow(most);
    this.byteLength += this.#bytes.write(line, this.byteLength);
    this.#bytes[this.byteLength++] = LINE_END;
    this.count++;
  }

  /** Its bytes, until it is emptied. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.byteLength);
  }

  empty(): void {
    this.count = 0;
    this.byteLength = 0;
    if (this.#bytes.byteLength > ROOM_BYTES) this.#bytes = Buffer.allocUnsafeSlow(ROOM_BYTES);
  }

  #grow(most: number): void {
    const roomier = Buffer.allocUnsafeSlow(2 * most);
    roomier.set(this.bytes());
    this.#bytes = roomier;
  }
}
