import { parseBind } from "../../config/bind.ts";
import type { ListenerAddress } from "../../data/plane.ts";
import type { Snapshot } from "../../data/snapshot.ts";

/** The data planes of all workers, driven as one. */
export interface Crew {
  /** Where the listeners accept, by the snapshot that runs. */
  addresses(): readonly ListenerAddress[];
  /** How many planes answer at this moment. */
  workerCount(): number;
  /** Answers new requests by another snapshot: every worker, or (rejecting) none of them. */
  apply(snapshot: Snapshot): Promise<void>;
  /** Closes the listeners that others have taken the place of since `apply`. */
  retire(): void;
  /** Opens the access log's file anew, after it was rotated. */
  reopenLog(): void;
  /** Goes on accepting, but asks clients to come back by another connection. */
  askToLeave(): void;
  /** Stops accepting and resolves when the last exchange has ended. */
  drain(): Promise<void>;
  /** Cuts whatever is still open, and ends the workers. */
  close(): Promise<void>;
}

/** The ports that the system chose, by listener, for the workers that open the same listeners after the first one. */
export function chosenPorts(
  snapshot: Snapshot,
  addresses: readonly ListenerAddress[],
): Readonly<Record<string, number>> {
  const isChosen = ({ name }: ListenerAddress) =>
    parseBind(snapshot.config.listeners[name]?.bind ?? "")?.port === 0;
  return Object.fromEntries(addresses.filter(isChosen).map(({ name, port }) => [name, port]));
}
