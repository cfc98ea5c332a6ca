import { cpus, release } from "node:os";
import process from "node:process";
import { readEndedTree, readMachineBusy } from "./process-tree.ts";

/** Watches how busy the machine was with other things than the benchmark. */
export interface MachineWatch {
  /** The share of all cores that others took since the start, 0..1; to be asked when all children have ended. */
  othersShare(): number;
}

/** Starts watching. */
export function watchMachine(): MachineWatch {
  const startedMs = performance.now();
  const busy = readMachineBusy();
  const own = readEndedTree(process.pid);
  return {
    othersShare() {
      const seconds = ((performance.now() - startedMs) / 1000) * cpus().length;
      const ours = readEndedTree(process.pid) - own;
      return Math.max(0, (readMachineBusy() - busy - ours) / seconds);
    },
  };
}

/** The processor and the system, without the machine's name. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, Linux ${/^\d+\.\d+/.exec(release())?.[0]}`;
}

/** The version that a program says it has, or undefined where it is not on the PATH. */
export function versionOf(program: string): string | undefined {
  const path = Bun.which(program);
  if (path === null) return undefined;
  for (const asking of ["-v", "version"]) {
    const { stdout, stderr } = Bun.spawnSync([path, asking]);
    const version = /\d+\.\d+(\.\d+)?/.exec(`${stdout.toString()}${stderr.toString()}`)?.[0];
    if (version !== undefined) return version;
  }
  return "of unknown version";
}
