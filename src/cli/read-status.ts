import type { Problem } from "../config/problem.ts";
import { type AdminAddress, askAdmin } from "./admin-client.ts";

/** What the commands use of `GET /api/status`. */
export interface Status {
  readonly version: string;
  readonly uptimeMs: number;
  readonly ready: boolean;
  readonly config: { readonly path: string; readonly problems: readonly Problem[] };
  readonly workers: number;
  readonly upstreams: readonly UpstreamStatus[];
  readonly storage: { readonly state: string; readonly error: string | null };
  /** null without a cluster. */
  readonly cluster: ClusterView | null;
}

/** The other nodes, as this one sees them. */
export interface ClusterView {
  readonly node: string;
  readonly connected: boolean;
  readonly error: string | null;
  readonly nodes: readonly {
    readonly name: string;
    readonly lastSeenMs: number;
    readonly isAlive: boolean;
  }[];
}

/** One upstream of it. */
export interface UpstreamStatus {
  readonly name: string;
  readonly balance: string;
  readonly servers: readonly ServerStatus[];
}

/** One server of it. */
export interface ServerStatus {
  readonly name: string;
  readonly weight: number;
  readonly backup: boolean;
  readonly state: string;
  readonly inflight: number;
  readonly load: number | null;
  readonly requests: number;
  readonly errorRate: number;
  readonly responseTimeMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly configured: { readonly weight: number };
  readonly override: { readonly weight?: number; readonly state?: string } | null;
}

/** Asks a running proxy how it stands. Rejects with a line for people. */
export async function readStatus(admin: AdminAddress): Promise<Status> {
  const response = await askAdmin(admin, "/api/status");
  const answer = (await response.json().catch(() => ({}))) as { readonly error?: string };
  if (response.ok) return answer as Status;
  throw new Error(`Cannot read the status: ${answer.error ?? `status ${response.status}`}`);
}
