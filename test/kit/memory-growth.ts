import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";

/** Whether the memory of processes can be read here. */
export const canReadMemory = process.platform === "linux";

/** How far a process grew at its highest over what it took before, MB; what it was before `run` does not count. */
export async function growthMb(pid: number, run: () => Promise<unknown>): Promise<number> {
  const beforeMb = await readMb(pid, "VmRSS");
  await writeFile(`/proc/${pid}/clear_refs`, "5"); // from now on VmHWM is the highest anew
  await run();
  return (await readMb(pid, "VmHWM")) - beforeMb;
}

async function readMb(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return (Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6;
}
