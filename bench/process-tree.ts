import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second, in which Linux counts CPU time for programs: `getconf CLK_TCK`, 100 wherever it matters. */
const TICKS_PER_SECOND = 100;

/** Bytes of a memory page: `getconf PAGESIZE`. */
const PAGE_BYTES = 4096;

/** What the process and its descendants use. */
export interface TreeUsage {
  /** User and system time so far. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Reads what a process and its descendants use, from /proc. */
export function readTree(root: number): TreeUsage {
  const pids = descendants(root);
  return {
    cpuSeconds: sum(pids.map((pid) => cpuTicks(pid, false))) / TICKS_PER_SECOND,
    rssBytes: sum(pids.map(rssBytes)),
  };
}

/** CPU seconds of a process and of its children that have ended. */
export function readEndedTree(pid: number): number {
  return cpuTicks(pid, true) / TICKS_PER_SECOND;
}

/** CPU seconds that all cores together were busy since the machine started. */
export function readMachineBusy(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = (
    readFileSync("/proc/stat", "latin1").split("\n")[0] ?? ""
  )
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
}

function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(statFields(Number(name))[1]));
  }
  const found = [root];
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid) found.push(child);
  }
  return found;
}

function cpuTicks(pid: number, withEndedChildren: boolean): number {
  const [user, system, childUser, childSystem] = statFields(pid).slice(11, 15).map(Number);
  const own = (user ?? 0) + (system ?? 0);
  return withEndedChildren ? own + (childUser ?? 0) + (childSystem ?? 0) : own;
}

/** The fields behind the name, which may itself hold spaces: state, parent, …; none for a process that is gone. */
function statFields(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function rssBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
