/** What a data plane tells the control plane about its servers, which alone decides what follows. */
export type PlaneEvent =
  /** It failed so often that it may have to be ejected. */
  | { readonly type: "failing"; readonly row: number; readonly failuresInARow: number }
  /** A request on trial: begun, or what came of it; "lost" = nothing, such as when the client left. */
  | {
      readonly type: "trial";
      readonly row: number;
      readonly outcome: "begun" | "passed" | "failed" | "lost";
    };

/** Takes what a data plane tells. */
export type Notify = (event: PlaneEvent) => void;
