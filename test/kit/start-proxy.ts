import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { eventually } from "./eventually.ts";
import type { Teardown } from "./teardown.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A running program: `headgate` in a process of its own. */
export interface RunningProgram {
  readonly pid: number;
  /** What it wrote to stderr: the log. */
  readonly logs: () => string;
  /** What it wrote to stdout: the access log of a proxy, the result of a command. */
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves with the exit code; -1 where a signal ended it. */
  readonly exited: Promise<number>;
}

/** A running proxy. */
export interface RunningProxy extends RunningProgram {
  /** Of the first listener, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Of every listener, by name. */
  readonly urls: Readonly<Record<string, string>>;
  readonly adminUrl: string;
  readonly configFile: string;
  /** Writes the configuration anew; reload by a signal or the admin API. */
  readonly configure: (config: ConfigText) => Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  readonly stop: () => Promise<number>;
}

/**
 * A configuration as YAML text or as a value. Unless it says otherwise, the proxy has one listener `web` on a free
 * port of 127.0.0.1, an admin on another, and one worker.
 */
export type ConfigText = string | Readonly<Record<string, unknown>>;

/** How a program is started. */
export interface ProgramOptions {
  /** Beside the environment of the test; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** A command that starts it, such as `underPermissions`. */
  readonly by?: readonly string[];
  /** Further arguments of `headgate run`. */
  readonly args?: readonly string[];
}

/** Starts a real proxy on the runtime that runs the test, and waits until it is ready. */
export async function startProxy(
  t: Teardown,
  config: ConfigText,
  options: ProgramOptions = {},
): Promise<RunningProxy> {
  const configFile = await writeConfig(t, config);
  const program = runProgram(t, ["run", "-c", configFile, ...(options.args ?? [])], options);
  await Promise.race([eventually(() => isReady(program.logs()), 20_000), failOnExit(program)]);
  const urls = readAddresses(program.logs());
  const url = Object.values(urls)[0] ?? "";
  return {
    ...program,
    url,
    port: Number(new URL(url).port),
    urls,
    adminUrl: / info admin listening url=(\S+)/.exec(program.logs())?.[1] ?? "",
    configFile,
    configure: (changed) => writeFile(configFile, toText(changed)),
    stop: () => {
      program.signal("SIGTERM");
      return program.exited;
    },
  };
}

/** Writes a configuration into a directory of its own and returns the file's name. */
export async function writeConfig(t: Teardown, config: ConfigText): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const configFile = join(directory, "config.yaml");
  await writeFile(configFile, toText(config));
  return configFile;
}

/** Starts `headgate` with arguments, on the runtime that runs the test; it is killed when the test has ended. */
export function runProgram(
  t: Teardown,
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  const all = [...(options.by ?? []), process.execPath, ...runtimeArgs(), join(root, "src/main.ts"), ...args];
  const child = spawn(all[0] ?? "", all.slice(1), {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid = 0 } = child;
  let isGone = false;
  const exited = new Promise<number>((resolve) => {
    child.once("close", (code) => {
      isGone = true;
      resolve(code ?? -1);
    });
  });
  // Deno's `child.kill` works once only, and then calls any exit one by that signal.
  const signal = (name: NodeJS.Signals) => {
    if (!isGone) process.kill(pid, name);
  };
  t.after(() => {
    signal("SIGKILL");
    return exited;
  });
  return {
    pid,
    logs: collect(child.stderr),
    output: collect(child.stdout),
    signal,
    exited,
  };
}

function environment(more: ProgramOptions["env"]): Record<string, string> {
  const all = { ...process.env, NO_COLOR: "1", ...more };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function runtimeArgs(): readonly string[] {
  return "Deno" in globalThis
    ? ["run", "-A", "--no-check", "--quiet", "--config", join(root, "deno.json")]
    : [];
}

function collect(stream: ChildProcess["stdout"]): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function isReady(logs: string): boolean {
  return / info ready\b/.test(logs);
}

async function failOnExit(program: RunningProgram): Promise<never> {
  const code = await program.exited;
  throw new Error(`The proxy ended with ${code} before it was ready:\n${program.logs()}`);
}

/** Reads `info listening listener=web url=http://…` lines. */
function readAddresses(logs: string): Record<string, string> {
  const lines = logs.matchAll(/ info listening listener=(\S+) url=(\S+)/g);
  return Object.fromEntries([...lines].map(([, name = "", url = ""]) => [name, url]));
}

function toText(config: ConfigText): string {
  const defaults = {
    workers: 1,
    listeners: { web: { bind: "127.0.0.1:0" } },
    admin: { bind: "127.0.0.1:0" },
  };
  if (typeof config !== "string") return JSON.stringify({ ...defaults, ...config });
  const missing = Object.entries(defaults).filter(([key]) => !new RegExp(`^${key}:`, "m").test(config));
  return [config.trimEnd(), ...missing.map(([key, value]) => `${key}: ${JSON.stringify(value)}`), ""].join(
    "\n",
  );
}
