/** Keeps slow clients on a port and prints what came of it: `bun bench/slow-clients.ts PLAN`, where plan and report are JSON. */
import process from "node:process";
import { keepSlowClients } from "./load/slow-clients.ts";
import type { SlowPlan } from "./load/slow-plan.ts";

const report = await keepSlowClients(JSON.parse(process.argv[2] ?? "") as SlowPlan);
process.stdout.write(JSON.stringify(report), () => process.exit(0));
