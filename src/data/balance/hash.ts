import type { Candidates, PolicyFactory } from "./policy.ts";

/** A server may have this many times its share of the requests under way before its clients spill over. */
const loadBound = 1.25;

/**
 * Keeps each key with its server: the one for which weight / -ln(hash of key and server) is greatest. So a server that
 * comes or goes moves only its own keys, spread over all others by weight.
 *
 * A server that is too busy, above 1.25 × its share of what is under way, passes its keys on to their next best, so that
 * one popular key does not drown it.
 *
 * Source: Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998; Mirrokni, Thorup and
 * Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2017.
 */
export const hash: PolicyFactory = () => (candidates, key) => {
  const best = highest(candidates, key, Number.POSITIVE_INFINITY);
  if (candidates.inflight(best) === 0) return best; // one request is within everybody's bound
  const bound = groupBound(candidates);
  return isFull(candidates, best, bound) ? highest(candidates, key, bound) : best;
};

/** How much may be under way in the whole group, this request included, for nobody to be full. */
function groupBound(candidates: Candidates): number {
  let inflight = 1;
  for (let index = 0; index < candidates.count; index++) inflight += candidates.inflight(index);
  return loadBound * inflight;
}

/** Whether one request more would be above the candidate's share of the bound, rounded up. */
function isFull(candidates: Candidates, index: number, bound: number): boolean {
  return candidates.inflight(index) * candidates.totalWeight >= bound * candidates.weight(index);
}

/**
 * The highest score of those below the bound; there is always one, since the bounds add up to more than is under way.
 *
 * Most candidates are refused without a logarithm: -ln(h) is at least 1 - h, so their score is at most weight / (1 - h).
 */
function highest(candidates: Candidates, key: number, bound: number): number {
  let best = 0;
  let bestScore = 0;
  for (let index = 0; index < candidates.count; index++) {
    const weight = candidates.weight(index);
    const chance = toChance(candidates.identity(index), key);
    if (weight <= bestScore * (1 - chance)) continue;
    const score = weight / -Math.log(chance);
    if (score <= bestScore || isFull(candidates, index, bound)) continue;
    best = index;
    bestScore = score;
  }
  return best;
}

/**
 * A number in (0, 1) that a server's identity and a key determine, evenly spread.
 *
 * Source: the finalizer of MurmurHash3.
 */
function toChance(identity: number, key: number): number {
  let bits = Math.imul(key, 0x9e3779b1) ^ identity;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (((bits ^ (bits >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
