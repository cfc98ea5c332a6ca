import { collectMetrics } from "./collect.ts";
import { type Measured, measureServers } from "./servers.ts";
import type { MetricsSource } from "./source.ts";
import { writePieces } from "./text.ts";

/** Servers that are read in one go: about a millisecond. */
const SLICE = 50;

/**
 * Writes all metrics, in turns with what else the thread has to do: with one worker that is requests, and a thousand servers
 * take tens of milliseconds. `rest` resolves when the others have had their turn.
 */
export async function tellInTurns(source: MetricsSource, rest: () => Promise<void>): Promise<string> {
  const servers: Measured[] = [];
  for (const server of measureServers(source)) {
    servers.push(server);
    if (servers.length % SLICE === 0) await rest();
  }
  let text = "";
  for (const piece of writePieces(collectMetrics(source, servers))) {
    if (text !== "") await rest();
    text += piece;
  }
  return text;
}
