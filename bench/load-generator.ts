/** Puts load on a port and prints what came of it: `bun bench/load-generator.ts PLAN`, where plan and report are JSON. */
import process from "node:process";
import { putLoad } from "./load/load.ts";
import type { LoadPlan } from "./load/load-plan.ts";

const report = await putLoad(JSON.parse(process.argv[2] ?? "") as LoadPlan);
process.stdout.write(JSON.stringify(report), () => process.exit(0));
