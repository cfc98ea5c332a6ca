import type { BenchCase } from "../bench-case.ts";
import { readTree } from "../process-tree.ts";

const SETTLE_MS = 2000;

/** What a proxy takes before its first request. */
export const memoryIdle: BenchCase = {
  name: "memory-idle",
  summary: "RSS two seconds after the start, before any request",
  peers: ["bare-bun", "headgate", "headgate-2", "nginx", "haproxy"],
  limits: [{ peer: "headgate", measure: "rssMb", most: 90 }],
  async measure({ peers }) {
    await Bun.sleep(SETTLE_MS);
    return [...peers].map(([peer, { pid }]) => ({
      peer,
      measures: { rssMb: readTree(pid).rssBytes / 1e6 },
    }));
  },
};
