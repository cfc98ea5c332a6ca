import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Teardown } from "../kit/teardown.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds the binary as `bun run build` does, at a place of the test's own, and gives that. */
export async function buildBinary(t: Teardown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-build-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    readonly scripts: { readonly build: string };
  };
  const binary = join(directory, "headgate");
  const [, ...args] = scripts.build.replace(/--outfile \S+/, `--outfile ${binary}`).split(" ");
  const bun = join(root, "node_modules/bun/bin/bun.exe");
  await promisify(execFile)(bun, args, { cwd: root });
  return binary;
}
