/** What draws numbers of its own; two that shared them would move together. The policy's are those beside the service's. */
const streams = { service: 0, policy: 1, arrivals: 2, hotClient: 3 };

/** The seed of one stream of chance: different ones for every stream of every seed. */
export function seedFor(stream: keyof typeof streams, seed: number): number {
  return seed * Object.keys(streams).length + streams[stream];
}
