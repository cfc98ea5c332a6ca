import { type Plane, type PlaneOptions, startPlane } from "../../data/plane.ts";
import { chosenPorts, type Crew } from "./crew.ts";

type MainThreadOptions = Pick<
  PlaneOptions,
  "host" | "board" | "snapshot" | "notify" | "report" | "takeSpans"
>;

/** Runs the one data plane in this thread: for `workers: 1` and for programs that embed Headgate. */
export async function startMainThreadCrew(options: MainThreadOptions): Promise<Crew> {
  const plane = await startPlane({ ...options, workerIndex: 0, isShared: false, ports: {} });
  return toCrew(plane);
}

/** Drives one plane of this thread as a crew. */
export function toCrew(plane: Plane): Crew {
  return {
    addresses: () => plane.addresses,
    workerCount: () => 1,
    apply: (snapshot) => plane.apply(snapshot, chosenPorts(snapshot, plane.addresses)),
    retire: () => plane.retire(),
    reopenLog: () => plane.reopenLog(),
    askToLeave: () => plane.askToLeave(),
    drain: () => plane.drain(),
    async close() {
      plane.close();
    },
  };
}
