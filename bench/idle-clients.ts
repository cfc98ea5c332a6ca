/** Keeps connections that made one request each: `bun bench/idle-clients.ts PLAN`, where plan and report are JSON. */
import process from "node:process";
import { keepIdle } from "./load/idle.ts";
import type { IdlePlan } from "./load/idle.ts";

const report = await keepIdle(JSON.parse(process.argv[2] ?? "") as IdlePlan);
process.stdout.write(JSON.stringify(report), () => process.exit(0));
