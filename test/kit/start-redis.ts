import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { isPortOpen } from "./is-port-open.ts";
import type { Teardown } from "./teardown.ts";

const run = promisify(execFile);

/** A real redis-server that runs until the test ends. */
export interface TestRedis {
  readonly port: number;
  /** `redis://127.0.0.1:PORT/0` */
  readonly url: string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Runs a command as `redis-cli` does, and gives what it prints. */
  readonly cli: (...words: string[]) => Promise<string>;
  /** Kills it and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port, empty. */
  readonly start: () => Promise<void>;
}

/** How a server is started. */
export interface RedisOptions {
  /** Further arguments, such as `["--requirepass", "secret"]`. */
  readonly args?: readonly string[];
  /** What `redis-cli` needs to be let in. */
  readonly cliArgs?: readonly string[];
  /** It speaks TLS on its port: its certificate, key and authority, as files. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
}

/** Starts a server on a free port of 127.0.0.1 that keeps nothing on the disk. Fails where there is no `redis-server`. */
export async function startRedis(t: Teardown, options: RedisOptions = {}): Promise<TestRedis> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "headgate-redis-"));
  const { args = [], cliArgs = [], tls } = options;
  const listening = tls
    ? ["--port", "0", "--tls-port", String(port), ...tlsArgs(tls), "--tls-auth-clients", "no"]
    : ["--port", String(port)];
  const flags = [...listening, "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no"];
  let server = launch();

  function launch() {
    const child = spawn("redis-server", [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (chunk: string) => void (output += chunk));
    let isGone = false;
    const gone = new Promise<void>((resolve) => {
      child.once("error", (error) => {
        output += String(error);
        isGone = true;
        resolve();
      });
      child.once("exit", () => {
        isGone = true;
        resolve();
      });
    });
    const signal = (name: NodeJS.Signals): void => {
      if (!isGone && child.pid !== undefined) process.kill(child.pid, name);
    };
    return { signal, gone, output: () => output, isGone: () => isGone };
  }

  async function ready(): Promise<void> {
    await eventually(async () => {
      if (server.isGone()) throw new Error(`Cannot start redis-server: ${server.output()}`);
      return server.output().includes("Ready to accept connections") && (await isPortOpen(port));
    }, 10_000);
  }

  async function kill(): Promise<void> {
    server.signal("SIGKILL");
    await server.gone;
  }

  t.after(async () => {
    server.signal("SIGCONT");
    await kill();
    await rm(directory, { recursive: true, force: true });
  });
  await ready();
  return {
    port,
    url: `${tls ? "rediss" : "redis"}://127.0.0.1:${port}/0`,
    signal: (name) => server.signal(name),
    async cli(...words) {
      const secure = tls ? ["--tls", "--cacert", tls.caFile] : [];
      const { stdout } = await run("redis-cli", ["-p", String(port), ...secure, ...cliArgs, ...words]);
      return stdout.trimEnd();
    },
    kill,
    async start() {
      server = launch();
      await ready();
    },
  };
}

function tlsArgs({ certFile, keyFile, caFile }: NonNullable<RedisOptions["tls"]>): string[] {
  return ["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", caFile];
}
