import type { BenchCase, Row } from "../bench-case.ts";
import { runIdleClients } from "../run-load.ts";
import { watchMemory } from "../watch-memory.ts";

const CONNECTIONS = 10_000;
const HOLD_SECONDS = 2;

/** What clients take that say nothing. */
export const idleConnections: BenchCase = {
  name: "idle-10000",
  summary: "RSS while 10,000 connections are kept that made one request each",
  peers: ["bare-bun", "headgate", "nginx", "caddy", "http-proxy"],
  limits: [
    { peer: "headgate", measure: "growthMb", most: 100 },
    { peer: "headgate", measure: "held", least: CONNECTIONS },
  ],
  async measure({ peers }): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const [peer, child] of peers) {
      const plan = { port: child.port, connections: CONNECTIONS, seconds: HOLD_SECONDS };
      const { result, ...memory } = await watchMemory(child, () => runIdleClients(plan));
      rows.push({ peer, measures: { ...memory, ...result } });
    }
    return rows;
  },
};
