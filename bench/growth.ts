/**
 * How Headgate's cost grows: `bun run bench/growth.ts [routes] [servers] [connections] [limit-clients] [--rounds N]`.
 *
 * Writes a table and a drawing into `bench/results`.
 */
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Curve } from "./growth/curve.ts";
import { drawCurves } from "./growth/draw-curve.ts";
import { measureLimitTable } from "./growth/limit-table.ts";
import { growing, measureGrowing } from "./growth/requests.ts";
import { describeMachine } from "./machine.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" } },
});

const rounds = Number(values.rounds);
const measures: Readonly<Record<string, () => Curve | Promise<Curve>>> = {
  ...Object.fromEntries(growing.map((one) => [one.name, () => measureGrowing(one, rounds)])),
  "limit-clients": measureLimitTable,
};

const curves: Curve[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(measures)) {
  const measure = measures[name];
  if (!measure) throw new Error(`Cannot measure "${name}": there are ${Object.keys(measures).join(", ")}`);
  const curve = await measure();
  process.stdout.write(`${describe(curve)}\n`);
  curves.push(curve);
}

const date = new Date().toISOString().slice(0, 10);
const stem = ["results/", [date, "growth", ...positionals].join("-")].join("");
const title = `How cost grows: Headgate, one worker, ${date}`;
await keep(`${stem}.svg`, drawCurves(title, curves));
await keep(
  `${stem}.md`,
  `# ${title}\n\n- Machine: ${describeMachine()}\n\n${curves.map(describe).join("\n")}`,
);

function describe({ summary, unit, points }: Curve): string {
  const counts = points.map(({ count }) => count.toLocaleString("en"));
  const costs = points.map(({ cost }) => cost.toFixed(1));
  return `## ${summary}, ${unit}\n\n| ${counts.join(" | ")} |\n|${" ---: |".repeat(points.length)}\n| ${costs.join(" | ")} |\n`;
}

async function keep(name: string, text: string): Promise<void> {
  await writeFile(fileURLToPath(new URL(name, import.meta.url)), text);
  process.stderr.write(`Written to bench/${name}\n`);
}
