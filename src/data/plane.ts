import type { Host } from "../runtime/host.ts";
import type { Snapshot } from "./snapshot.ts";

/** Where a listener accepts. */
export interface ListenerAddress {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** What a data plane is started with. */
export interface PlaneOptions {
  readonly host: Host;
  readonly board: SharedArrayBuffer;
  readonly workerIndex: number;
  /** Whether other workers open the same ports. */
  readonly isShared: boolean;
  readonly snapshot: Snapshot;
  readonly ports: Readonly<Record<string, number>>;
}

/** A running data plane: listeners that answer by a snapshot. */
export interface Plane {
  readonly addresses: readonly ListenerAddress[];
  /** Answers new requests by another snapshot: all of it, or (rejecting) none of it. */
  apply(snapshot: Snapshot, ports: Readonly<Record<string, number>>): Promise<void>;
  /** Opens the access log's file anew. */
  reopenLog(): void;
  /** Stops accepting and resolves when the last exchange has ended. */
  drain(): Promise<void>;
  /** Cuts whatever is still open. */
  close(): void;
}

/** Opens the listeners of a snapshot and answers on them. */
export async function startPlane(options: PlaneOptions): Promise<Plane> {
  throw new Error(`Cannot start the data plane of ${options.host.name}: it is being built`);
}
