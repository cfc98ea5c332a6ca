import fc from "fast-check";
import { joinBytes } from "../../../../src/data/transform/join-bytes.ts";
import type { BodyFilter } from "../../../../src/data/transform/body-step.ts";

/** Sends a body through a filter, cut into pieces of these lengths, over and over. */
export function through(filter: BodyFilter, body: Uint8Array, lengths: readonly number[] = []): Uint8Array {
  const out: Uint8Array[] = [];
  const take = (pieces: Uint8Array | readonly Uint8Array[]): void => {
    for (const piece of pieces instanceof Uint8Array ? [pieces] : pieces) out.push(Uint8Array.from(piece));
  };
  let at = 0;
  for (let turn = 0; at < body.byteLength; turn++) {
    const next = at + (lengths[turn % lengths.length] ?? body.byteLength);
    const chunk = Uint8Array.from(body.subarray(at, next));
    take(filter.write(chunk));
    chunk.fill(0); // it was only lent
    at = next;
  }
  take(filter.end());
  return joinBytes(out);
}

/** The same for a text in UTF-8. */
export function textThrough(filter: BodyFilter, text: string, lengths: readonly number[] = []): string {
  return new TextDecoder().decode(through(filter, new TextEncoder().encode(text), lengths));
}

/** Lengths of pieces. */
export const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
