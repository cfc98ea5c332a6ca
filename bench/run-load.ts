import { fileURLToPath } from "node:url";
import process from "node:process";
import type { IdlePlan, IdleReport } from "./load/idle.ts";
import type { LoadPlan, LoadReport } from "./load/load-plan.ts";
import type { SlowPlan, SlowReport } from "./load/slow-plan.ts";

/** What a plan says unless a case says otherwise. */
export const plainLoad: Omit<LoadPlan, "port" | "paths" | "expectedBytes"> = {
  method: "GET",
  sentBytes: 0,
  connections: 32,
  warmUpSeconds: 0.2,
  seconds: 2,
  requestsPerSecond: 0,
  readBytesPerSecond: 0,
  isTls: false,
  isFreshEach: false,
  isWebSocket: false,
};

/** Runs a load generator in a process of its own. */
export function runLoad(plan: LoadPlan): Promise<LoadReport> {
  return runGenerator("load-generator.ts", plan, plan.warmUpSeconds + plan.seconds);
}

/** Keeps slow clients on a port, in a process of their own. */
export function runSlowClients(plan: SlowPlan): Promise<SlowReport> {
  return runGenerator("slow-clients.ts", plan, plan.seconds);
}

/** Keeps connections that say nothing, in a process of their own. */
export function runIdleClients(plan: IdlePlan): Promise<IdleReport> {
  return runGenerator("idle-clients.ts", plan, plan.seconds + 40);
}

async function runGenerator<Report>(script: string, plan: object, seconds: number): Promise<Report> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = Bun.spawn([process.execPath, path, JSON.stringify(plan)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: (seconds + 20) * 1000,
    killSignal: "SIGKILL",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`Cannot measure: ${script} ended with ${child.exitCode}`);
  return JSON.parse(text) as Report;
}
