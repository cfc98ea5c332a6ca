/** Words that belong to one stretch of time, on a ring where later stretches reuse the place. The tag is the first. */
export interface Stretch {
  /** The first word of the place. */
  readonly at: number;
  /** The number of the stretch of time since 1970, above 0. */
  readonly tag: number;
  /** Words of the place, the tag included. */
  readonly words: number;
}

const clearing = -1;
const patience = 1000; // looks at the tag: some microseconds

/**
 * Makes a place belong to a stretch of time. Call it where the tag is another.
 *
 * As a rule the place was cleared ahead (tag 0) and one compare-exchange of the tag is all. Only when the control plane
 * stalled, the place still holds a stretch that the ring has left behind: whoever turns its tag into `clearing` clears
 * it and then publishes the new tag, while the others wait for that. A worker that dies (or sleeps) amid its clearing
 * cannot hold them up: after their patience they clear the place themselves. So an old stretch is never counted as the
 * new one; what may be lost, in that case only, is what others recorded before the last of them was done clearing.
 */
export function claim(words: Int32Array, stretch: Stretch): void {
  const found = settledTag(words, stretch.at);
  if (found === stretch.tag) return;
  if (found === 0) claimClear(words, stretch);
  else if (found === clearing || take(words, stretch.at, found)) clear(words, stretch);
  else claim(words, stretch);
}

/** Clears a place ahead of its time, unless it is clear or already belongs to that time. */
export function clearAhead(words: Int32Array, stretch: Stretch): void {
  const found = settledTag(words, stretch.at);
  if (found === 0 || found === stretch.tag) return;
  if (found === clearing || take(words, stretch.at, found)) clear(words, { ...stretch, tag: 0 });
}

/** Waits, within bounds, for a clearing to end. */
function settledTag(words: Int32Array, at: number): number {
  let tag = Atomics.load(words, at);
  for (let looks = 0; tag === clearing && looks < patience; looks++) tag = Atomics.load(words, at);
  return tag;
}

function claimClear(words: Int32Array, stretch: Stretch): void {
  const seen = Atomics.compareExchange(words, stretch.at, 0, stretch.tag);
  if (seen !== 0 && seen !== stretch.tag) claim(words, stretch);
}

function take(words: Int32Array, at: number, found: number): boolean {
  return Atomics.compareExchange(words, at, found, clearing) === found;
}

function clear(words: Int32Array, stretch: Stretch): void {
  words.fill(0, stretch.at + 1, stretch.at + stretch.words);
  Atomics.store(words, stretch.at, stretch.tag);
}
