import { LoadBalancer } from "../../src/library.ts";
import type { Teardown } from "../kit/teardown.ts";

/** A whole proxy in this process: control plane, health, admin. */
export interface Balancer {
  readonly port: number;
  /** What the admin says of the servers of an upstream; default: the first. */
  readonly servers: (upstream?: string) => Promise<readonly ServerStatus[]>;
  readonly server: (name: string, upstream?: string) => Promise<ServerStatus>;
  readonly reload: (config: Readonly<Record<string, unknown>>) => Promise<readonly string[]>;
  /** The lines of its log so far. */
  readonly logs: () => readonly string[];
}

/** One server as `GET /api/status` shows it; only what tests look at. */
export interface ServerStatus {
  readonly name: string;
  readonly state: "up" | "down" | "ejected" | "draining";
  readonly weight: number;
  readonly inflight: number;
  readonly load: number | null;
  readonly requests: number;
  readonly errors: number;
  readonly retries: number;
}

interface Status {
  readonly upstreams: readonly { readonly name: string; readonly servers: readonly ServerStatus[] }[];
}

const quiet = {
  listeners: { web: { bind: "127.0.0.1:0" } },
  admin: { bind: "127.0.0.1:0" },
  accessLog: { format: "off" },
  storage: false,
  shutdown: { drain: "100ms" },
};

/** Starts a proxy; unless it says otherwise it has one listener on a free port of 127.0.0.1. */
export async function startBalancer(
  t: Teardown,
  config: Readonly<Record<string, unknown>>,
): Promise<Balancer> {
  const logs: string[] = [];
  const balancer = new LoadBalancer({ log: (line) => void logs.push(line.trimEnd()) });
  await balancer.start({ ...quiet, ...config });
  t.after(() => balancer.stop());
  const servers = async (upstream?: string): Promise<readonly ServerStatus[]> => {
    const { upstreams } = (await (await fetch(`${balancer.adminUrl}/api/status`)).json()) as Status;
    return upstreams.find(({ name }) => name === (upstream ?? name))?.servers ?? [];
  };
  return {
    port: balancer.addresses[0]?.port ?? 0,
    servers,
    server: async (name, upstream) => {
      const found = (await servers(upstream)).find((server) => server.name === name);
      if (!found) throw new Error(`Cannot find server "${name}"`);
      return found;
    },
    reload: (next) => balancer.reload({ ...quiet, ...next }),
    logs: () => logs,
  };
}
