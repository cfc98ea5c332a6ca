import { type ChildProcess, spawn } from "node:child_process";

import { canConnect } from "../../runtime/can-connect.ts";
import { host } from "../../runtime/current.ts";
import { selfCommand } from "../../runtime/self-command.ts";
import type { ToyServer } from "./toy-server.ts";

/** A toy server that runs in a process of its own. */
export interface ToyProcess extends ToyServer {
  readonly pid: number;
  /** Resolves when the process is gone: true where `kill` was called before. */
  readonly ended: Promise<boolean>;
  readonly kill: () => void;
}

const startLimitMs = 15_000;

/** Starts a toy server in a process of its own, so that it can be killed, and waits until it answers. */
export async function startToyProcess(server: ToyServer): Promise<ToyProcess> {
  const { name, port, delayMs } = server;
  const { file, args } = selfCommand(["toy-server", name, String(port), "--delay", String(delayMs)]);
  const child = spawn(file, args, { stdio: ["pipe", "ignore", "inherit"] });
  let isKilled = false;
  const ended = new Promise<boolean>((resolve) => {
    child.once("exit", () => resolve(isKilled));
    child.once("error", () => resolve(isKilled));
  });
  const kill = () => {
    isKilled = true;
    child.kill("SIGTERM");
  };
  await untilAnswering(server, child);
  return { ...server, pid: child.pid ?? 0, ended, kill };
}

async function untilAnswering({ name, port }: ToyServer, child: ChildProcess): Promise<void> {
  const endsAt = host.time.monotonicMs() + startLimitMs;
  while (!(await canConnect({ hostname: "127.0.0.1", port }, 500))) {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone || host.time.monotonicMs() > endsAt)
      throw new Error(`Cannot start the toy server "${name}" on port ${port}`);
    await pause(50);
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    host.time.after(delayMs, resolve);
  });
}
