import type { ListenerAddress } from "./plane.ts";
import type { PlaneEvent } from "./plane-event.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Spans } from "./trace/span-batch.ts";

/** What the control plane tells a worker. */
export type ToWorker =
  | {
      readonly type: "start";
      readonly workerIndex: number;
      readonly workerCount: number;
      readonly board: SharedArrayBuffer;
      readonly snapshot: Snapshot;
      /** Ports that were 0 in the configuration and are known by now, by listener. */
      readonly ports: Readonly<Record<string, number>>;
    }
  | { readonly type: "apply"; readonly snapshot: Snapshot; readonly ports: Readonly<Record<string, number>> }
  /** Close the listeners that others have taken the place of. */
  | { readonly type: "retire" }
  /** Reopen the access log's file, after it was rotated. */
  | { readonly type: "reopenLog" }
  /** Go on accepting, but ask clients to come back by another connection. */
  | { readonly type: "askToLeave" }
  /** Stop accepting; answer `drained` when the last exchange has ended. */
  | { readonly type: "drain" };

/** What a worker tells the control plane. */
export type FromWorker =
  | { readonly type: "ready"; readonly version: number; readonly addresses: readonly ListenerAddress[] }
  /** A snapshot could not be run: the plane goes on with the one before. */
  | { readonly type: "refused"; readonly version: number; readonly message: string }
  | { readonly type: "drained" }
  | { readonly type: "event"; readonly event: PlaneEvent }
  | { readonly type: "spans"; readonly spans: Spans }
  /** A fault of our own, for the log. */
  | { readonly type: "fault"; readonly message: string };
