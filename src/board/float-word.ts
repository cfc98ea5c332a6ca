const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

/** The 32 bits of a single-precision number, to be stored in a word of the board. */
export function toBits(value: number): number {
  floats[0] = value;
  return bits[0] as number;
}

/** The number that these 32 bits stand for. */
export function fromBits(word: number): number {
  bits[0] = word;
  return floats[0] as number;
}
