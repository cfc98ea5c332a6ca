import process from "node:process";
import { isPortOpen } from "../test/kit/is-port-open.ts";

/** A process of ours that listens on a port. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Where its admin listens, if it has one. */
  readonly adminPort?: number | undefined;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
  /** What it wrote to its standard error, all of it; resolves when it is gone. */
  readonly errorText: Promise<string>;
}

/** How a process is started. */
export interface ChildOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 15_000;
const running = new Set<Bun.Subprocess>();

/** Starts a process and waits until its port takes connections. */
export async function startChild({ name, command, port, env }: ChildOptions): Promise<Child> {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  running.add(child);
  const complaint = new Response(child.stderr).text();
  if (!(await isListening(child, port))) {
    await end(child);
    throw new Error(`Cannot start ${name}: ${(await complaint).trim() || "it does not listen"}`);
  }
  return { name, pid: child.pid, port, stop: () => end(child), errorText: complaint };
}

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

async function end(child: Bun.Subprocess): Promise<void> {
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 3000);
  await child.exited;
  clearTimeout(force);
  running.delete(child);
}

function isListening(child: Bun.Subprocess, port: number): Promise<boolean> {
  return waitForPort(port, () => child.exitCode === null);
}

/** Waits until a port takes connections, for as long as that may still be; false where it does not. */
export async function waitForPort(port: number, mayBe = () => true): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until && mayBe()) {
    if (await isPortOpen(port)) return true;
    await Bun.sleep(20);
  }
  return false;
}
