import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { freePort } from "../../test/kit/free-port.ts";
import { startChild } from "../child.ts";
import type { Child } from "../child.ts";

/** Processes that are measured as one. */
export interface Subject {
  readonly name: string;
  readonly processes: readonly Child[];
}

/** What is measured. */
export interface Setting {
  readonly name: string;
  readonly processes?: number;
  readonly workers?: number;
  /** How many servers the upstream lists: the same one, so often. */
  readonly servers?: number;
  /** The store of a cluster. */
  readonly store?: string;
}

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts what a setting wants, in front of a server. */
export async function startSubject(setting: Setting, server: number, directory: string): Promise<Subject> {
  const own = join(directory, setting.name.replaceAll(/\W/g, "-"));
  await mkdir(own, { recursive: true });
  const processes: Child[] = [];
  for (let index = 0; index < (setting.processes ?? 1); index++) {
    const port = await freePort();
    const file = join(own, `${index}.yaml`);
    await writeFile(file, JSON.stringify(configOf(setting, { port, server, node: `node-${index}` })));
    const command = [process.execPath, program, "run", "-c", file];
    processes.push(await startChild({ name: setting.name, command, port }));
  }
  return { name: setting.name, processes };
}

interface Ends {
  readonly port: number;
  readonly server: number;
  readonly node: string;
}

function configOf(setting: Setting, { port, server, node }: Ends): object {
  const { workers = 1, servers = 1, store } = setting;
  return {
    workers,
    listeners: { web: { bind: `127.0.0.1:${port}` } },
    upstreams: {
      app: {
        balance: "round-robin",
        servers: Array.from({ length: servers }, (_, index) => ({
          url: `http://127.0.0.1:${server}`,
          name: `server-${index}`,
        })),
      },
    },
    routes: [{ path: "/*", upstream: "app" }],
    limits: { shed: { enabled: false } },
    accessLog: { format: "off" },
    storage: false,
    admin: { bind: "127.0.0.1:0" },
    ...(store !== undefined && { cluster: { store, node, prefix: setting.name.replaceAll(/\W/g, "-") } }),
  };
}
