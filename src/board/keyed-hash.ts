/**
 * A hash of 64 bits under a secret key: HalfSipHash-1-3 over 32-bit words.
 *
 * The tables that are addressed by it are shared by all clients: with a hash that has no key, or whose collisions do not
 * depend on it, one client could choose names that fall on another's place.
 *
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012; the half version and its use for tables with one
 * and three rounds are those of Linux (`hsiphash`).
 */
export class KeyedHash {
  /** The two halves of what was hashed last: kept here, so that hashing allocates nothing. */
  a = 0;
  b = 0;
  readonly #seed: readonly [number, number];
  #words = new Int32Array(64);

  constructor(seed: readonly [number, number]) {
    this.#seed = seed;
  }

  /** Hashes a text within a scope: the same text in two scopes gives two hashes. */
  text(scope: number, text: string): this {
    const count = (text.length + 1) >> 1;
    if (count + 2 > this.#words.length) this.#words = new Int32Array(2 * count + 2);
    const words = this.#words;
    words[0] = scope;
    for (let i = 0; i < count; i++) {
      words[i + 1] = (text.charCodeAt(2 * i) << 16) | text.charCodeAt(2 * i + 1); // past the end: 0
    }
    words[count + 1] = text.length;
    return this.#mix(words, count + 2);
  }

  /** Hashes three words. */
  words(first: number, second: number, third: number): this {
    const words = this.#words;
    words[0] = first;
    words[1] = second;
    words[2] = third;
    words[3] = -1; // no text is so long
    return this.#mix(words, 4);
  }

  #mix(words: Int32Array, count: number): this {
    let v0 = this.#seed[0];
    let v1 = this.#seed[1] ^ 0xee;
    let v2 = 0x6c796765 ^ this.#seed[0];
    let v3 = 0x74656462 ^ this.#seed[1];
    for (let step = 0; step < count + 6; step++) {
      const word = step < count ? (words[step] as number) : 0;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (step === count - 1) v2 ^= 0xee; // all is in: three rounds for each half follow
      if (step !== count + 2) continue;
      this.a = v1 ^ v3;
      v1 ^= 0xdd;
    }
    this.b = v1 ^ v3;
    return this;
  }
}
