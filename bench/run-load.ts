import { fileURLToPath } from "node:url";
import process from "node:process";
import type { LoadPlan, LoadReport } from "./load/load-plan.ts";

/** What a plan says unless a case says otherwise. */
export const plainLoad: Omit<LoadPlan, "port" | "paths" | "expectedBytes"> = {
  method: "GET",
  sentBytes: 0,
  connections: 32,
  warmUpSeconds: 0.2,
  seconds: 2,
  requestsPerSecond: 0,
  readBytesPerSecond: 0,
};

const generator = fileURLToPath(new URL("load-generator.ts", import.meta.url));

/** Runs a load generator in a process of its own. */
export async function runLoad(plan: LoadPlan): Promise<LoadReport> {
  const child = Bun.spawn([process.execPath, generator, JSON.stringify(plan)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: (plan.seconds + plan.warmUpSeconds + 20) * 1000,
    killSignal: "SIGKILL",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0)
    throw new Error(`Cannot measure: the load generator ended with ${child.exitCode}`);
  return JSON.parse(text) as LoadReport;
}
