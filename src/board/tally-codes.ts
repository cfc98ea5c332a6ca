/** Statuses that are counted one by one; the others count by their first digit. */
const single = [
  101, 200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 412,
  413, 414, 415, 416, 422, 429, 431, 499, 500, 501, 502, 503, 504,
] as const;

/** What statuses are counted under, by place: a status, or a class such as `4xx`. */
export const tallyCodes: readonly string[] = [...single.map(String), "1xx", "2xx", "3xx", "4xx", "5xx"];

const places = new Int8Array(600).map((_, status) => {
  const place = tallyCodes.indexOf(String(status));
  return place >= 0 ? place : tallyCodes.indexOf(`${Math.max(1, Math.floor(status / 100))}xx`);
});

const others = tallyCodes.length - 1;

/** The place that a status is counted under. */
export function codePlace(status: number): number {
  return places[status] ?? others;
}

/** Upper edges of the buckets of durations, seconds; a last bucket holds what is longer. */
export const durationEdges: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** The bucket that a duration falls into. */
export function durationBucket(ms: number): number {
  let bucket = 0;
  while (bucket < durationEdges.length && ms > (durationEdges[bucket] as number) * 1000) bucket += 1;
  return bucket;
}
