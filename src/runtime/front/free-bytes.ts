/** Fewer bytes are left to the garbage collector: to free them costs half a microsecond. */
const LEAST_BYTES = 65_536;

/**
 * Gives the memory of bytes back at once, which nobody must have any more. The garbage collector may take its time, and of a
 * hundred downloads that stall each has made megabytes of it until then.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  const isPart = buffer.byteLength !== byteLength;
  if (byteLength >= LEAST_BYTES && !isPart && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
