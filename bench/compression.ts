/**
 * What compression costs and saves.
 *
 *     bun run bench/compression.ts levels    each coding and level, on one thread
 *     bun run bench/compression.ts route     a route that gzips JSON beside nginx with gzip_comp_level 1
 */
import process from "node:process";
import { measureGzipRoute } from "./compression/gzip-route.ts";
import { measureLevels } from "./compression/levels.ts";

const measures: Readonly<Record<string, () => string | Promise<string>>> = {
  levels: measureLevels,
  route: measureGzipRoute,
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(measures)) {
  const measure = measures[name];
  if (!measure) throw new Error(`Cannot measure "${name}": there are ${Object.keys(measures).join(" and ")}`);
  process.stdout.write(`${await measure()}\n`);
}
