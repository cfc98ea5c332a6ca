import process from "node:process";

import { isCompiled } from "./is-compiled.ts";

/** How this very program is started with other arguments: from source on either runtime, or as a binary. */
export function selfCommand(args: readonly string[]): {
  readonly file: string;
  readonly args: readonly string[];
} {
  return { file: process.execPath, args: [...runtimeArgs(), ...args] };
}

/** A binary takes the arguments alone; a runtime wants its own options and the program's file before them. */
function runtimeArgs(): readonly string[] {
  if (isCompiled()) return [];
  const [, main = ""] = process.argv;
  if (process.versions["deno"] === undefined) return [...process.execArgv, main];
  return ["run", "-A", "--no-check", "--quiet", "--unstable-net", "--unstable-no-legacy-abort", main];
}
