import type { PeerStatus } from "./peers.ts";

/** How it stands with what the nodes share. */
export interface ClusterStatus {
  /** This node's name. */
  readonly node: string;
  /** Whether the last exchange with the store succeeded. */
  readonly connected: boolean;
  /** The store's address, without user and password. */
  readonly store: string;
  /** Why it is away; null where it is not. */
  readonly error: string | null;
  /** How long it has been so, ms. */
  readonly sinceMs: number;
  /** Values in the store that are not ours, or make no sense, and were ignored. */
  readonly ignored: number;
  /** Exchanges that succeeded, and that failed. */
  readonly exchanges: { readonly succeeded: number; readonly failed: number };
  /** How long the last one took, ms; null before the first. */
  readonly exchangeMs: number | null;
  /** Keys of limits that this node holds a part of. */
  readonly leases: number;
  /** The other nodes that were seen lately. */
  readonly nodes: readonly PeerStatus[];
}
