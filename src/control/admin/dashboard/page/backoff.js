const firstMs = 1_000;
const mostMs = 30_000;

/**
 * How long to wait before the next try: doubling, with a third of chance, so that many pages do not come back at once.
 *
 * @param {number} failures so far, 1 or more
 * @param {number} chance 0..1
 * @returns {number} ms
 */
export function waitAfter(failures, chance) {
  const whole = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return Math.round(whole * (1 - chance / 3));
}
