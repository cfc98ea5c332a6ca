/**
 * What each package weighs in the program, minified: `bun run bench/package-sizes.ts`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs?: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

const folder = mkdtempSync(join(tmpdir(), "headgate-sizes-"));
const metafile = join(folder, "meta.json");
const build = ["build", "src/main.ts", "--target=bun", "--minify", `--metafile=${metafile}`];
spawnSync("bun", [...build, "--outdir", folder], { stdio: ["ignore", "ignore", "inherit"] });
const { outputs } = JSON.parse(readFileSync(metafile, "utf8")) as Metafile;
rmSync(folder, { recursive: true });

const bytesOf = new Map<string, number>();
for (const { inputs = {} } of Object.values(outputs)) {
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? "headgate itself";
    bytesOf.set(name, (bytesOf.get(name) ?? 0) + bytesInOutput);
  }
}
for (const [name, bytes] of bytesOf) {
  process.stdout.write(`${name.padEnd(26)} ${(bytes / 1024).toFixed(0).padStart(5)} KiB\n`);
}
