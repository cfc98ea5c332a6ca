import type { Host } from "../../runtime/host.ts";
import type { Crew } from "../workers/crew.ts";
import type { Log } from "../log.ts";

/** What a handing over works with. */
export interface HandOverOptions {
  readonly crew: Crew;
  readonly host: Pick<Host, "time" | "steerConnections">;
  readonly log: Log;
}

/** How long a connection may take from its first packet to the client's hello, ms. */
const arrivalMs = 2_000;

/** How long the workers may take to close their listeners once they are told to, ms. */
const closingMs = 250;

/**
 * Lets the listeners of a new snapshot take over the ports of those that they replace, without losing a connection.
 *
 * A runtime cannot give a listener another certificate, so that a second one opens the same port and the first is
 * closed. New connections go to the second at once; what is under way to the first has time to arrive before it closes.
 */
export async function handOver({ crew, host, log }: HandOverOptions): Promise<void> {
  const ports = crew.addresses().flatMap(({ port, isHandingOver }) => (isHandingOver ? [port] : []));
  if (ports.length === 0) return crew.retire(); // nothing, or what an apply that failed has left
  const steer = (toward: "younger" | "one-younger" | "all"): boolean =>
    ports.map((port) => host.steerConnections(port, toward)).every(Boolean);
  if (steer("younger")) {
    await pass(host, arrivalMs);
    steer("one-younger");
  } else tellUnsteered(log);
  crew.retire();
  await pass(host, closingMs);
  steer("all");
}

function pass({ time }: HandOverOptions["host"], delayMs: number): Promise<void> {
  return new Promise((resolve) => void time.after(delayMs, resolve));
}

function tellUnsteered(log: Log): void {
  log.warn("new connections may have been reset while a listener was replaced", {
    remedy: "set net.ipv4.tcp_migrate_req=1",
  });
}
