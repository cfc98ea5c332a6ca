import { parentPort } from "node:worker_threads";
import { host } from "../runtime/current.ts";
import { catchStrayErrors } from "../runtime/stray-errors.ts";
import { startPlane } from "./plane.ts";
import type { Plane } from "./plane.ts";
import type { PlaneEvent } from "./plane-event.ts";
import type { Spans } from "./trace/span-batch.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

/** The entry of a data-plane thread: one plane, driven by messages of the control plane. */
let plane: Plane | undefined;

parentPort?.on("message", (message: ToWorker) => void hear(message));

catchStrayErrors((reason) => report(`an error that nobody caught: ${reason}`));

async function hear(message: ToWorker): Promise<void> {
  if (message.type === "start" || message.type === "apply") return tell(await run(message));
  if (message.type === "drain") {
    await plane?.drain();
    return tell({ type: "drained" });
  }
  return plane?.[message.type]();
}

async function run(message: Extract<ToWorker, { type: "start" | "apply" }>): Promise<FromWorker> {
  const { snapshot, ports } = message;
  try {
    if (message.type === "start")
      plane = await startPlane({ ...message, host, isShared: true, notify, report, takeSpans });
    else await plane?.apply(snapshot, ports);
    return { type: "ready", version: snapshot.version, addresses: plane?.addresses ?? [] };
  } catch (error) {
    return { type: "refused", version: snapshot.version, message: (error as Error).message };
  }
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message, []);
}

function notify(event: PlaneEvent): void {
  tell({ type: "event", event });
}

function takeSpans(spans: Spans): void {
  tell({ type: "spans", spans });
}

function report(message: string): void {
  tell({ type: "fault", message });
}
