import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort } from "../test/kit/free-port.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";

/** Starts the server that stands behind every peer; its large bodies lie in the directory. */
export async function startUpstream(directory: string): Promise<Child> {
  const port = await freePort();
  const script = fileURLToPath(new URL("upstream.ts", import.meta.url));
  const command = [process.execPath, script, String(port), directory];
  return startChild({ name: "the upstream", command, port });
}
