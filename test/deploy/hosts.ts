import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { eventually } from "../kit/eventually.ts";
import type { Teardown } from "../kit/teardown.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A machine made of namespaces of its own (network, mounts, processes, name): what happens in it touches nothing of the
 * machine that runs the test, and when it ends, or the test's process does, everything in it is gone.
 */
export interface TestHost {
  /** Runs a shell script to its end and gives what it printed. */
  readonly sh: (script: string) => Promise<string>;
  /** Starts a program. */
  readonly start: (command: string, args: readonly string[]) => HostedProgram;
  /** Ends everything in it at once, as a cut of the power does. */
  readonly cutPower: () => Promise<void>;
  /** Of its first process, as the test sees it. */
  readonly pid: number;
}

/** A program in a host. */
export interface HostedProgram {
  /** Resolves with the exit code; -1 where a signal ended it. */
  readonly exited: Promise<number>;
  /** What it wrote, to stdout and stderr. */
  readonly output: () => string;
  /** As the test sees it. */
  readonly pid: () => Promise<number>;
  readonly signal: (name: NodeJS.Signals) => Promise<void>;
  /** Writes to its stdin and closes that. */
  readonly end: (text?: string) => void;
}

const namespaces = ["--mount", "--net", "--pid", "--uts"] as const;

/** Starts a host; the test must run as root. */
export async function startHost(t: Teardown, name: string): Promise<TestHost> {
  const script = `hostname ${name} && ip link set lo up && echo up && exec cat`;
  const init = ["--fork", "--kill-child=SIGKILL", "--mount-proc", "sh", "-c", script];
  const holder = spawn("unshare", [...namespaces, ...init], { stdio: ["pipe", "pipe", "pipe"] });
  const [output, exited] = [outputOf(holder), exitOf(holder)];
  const cutPower = async (): Promise<void> => {
    holder.kill("SIGKILL");
    await exited;
  };
  t.after(cutPower);
  await Promise.race([eventually(() => output().startsWith("up")), exited.then(failWith(output))]);
  const pid = await childOf(holder.pid ?? 0);
  const enter = ["--target", String(pid), ...namespaces, "--"];
  return {
    pid,
    cutPower,
    sh: async (text) => (await run("nsenter", [...enter, "sh", "-ec", text])).stdout,
    start: (command, args) => startIn([...enter, command, ...args]),
  };
}

/** Lays a cable from `eth0` of a host to a port of another one. */
export async function connectHosts(host: TestHost, other: TestHost, port: string): Promise<void> {
  const ends = ["eth0", "netns", String(host.pid), "type", "veth", "peer", port, "netns", String(other.pid)];
  await run("ip", ["link", "add", ...ends]);
}

/** Runs a file of ours on the runtime that runs the test. */
export function runScript(host: TestHost, file: string, args: readonly string[]): HostedProgram {
  const isDeno = "Deno" in globalThis;
  const runtime = isDeno ? ["run", "-A", "--no-check", "--quiet"] : ["run"];
  return host.start(process.execPath, [...runtime, join(root, file), ...args]);
}

function startIn(args: readonly string[]): HostedProgram {
  const child = spawn("nsenter", args, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}); // the program may have ended
  return {
    exited: exitOf(child),
    output: outputOf(child),
    pid: () => innermostOf(child.pid ?? 0),
    async signal(name) {
      process.kill(await innermostOf(child.pid ?? 0), name);
    },
    end: (text = "") => void child.stdin.end(text),
  };
}

/** `unshare --fork` and `nsenter` stay outside and have one child, which is inside; that may be an `unshare` again. */
async function innermostOf(pid: number): Promise<number> {
  const child = await childOf(pid);
  const command = await readFile(`/proc/${child}/comm`, "utf8");
  return command.trim() === "unshare" ? innermostOf(child) : child;
}

async function childOf(pid: number): Promise<number> {
  return eventually(async () => {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children.trim() !== "" && Number(children.trim());
  });
}

/** Whoever was started by it may hold its output open for longer than it runs; that is not waited for. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
    child.once("exit", (code) => setTimeout(resolve, 1_000, code ?? -1));
  });
}

function outputOf(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

function failWith(output: () => string): () => never {
  return () => {
    throw new Error(`Cannot make namespaces: ${output()}`);
  };
}
