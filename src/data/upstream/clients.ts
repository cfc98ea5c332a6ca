import type { Host } from "../../runtime/host.ts";
import type { Client, ClientTls } from "../../runtime/client.ts";
import { createWaryClient } from "./wary-client.ts";

/** Hands out the connections toward upstreams: those whose settings stay keep theirs over a reload. */
export interface Clients {
  take(upstream: string, tls: ClientTls | undefined): Client;
}

/**
 * How long an idle connection is kept, ms: shorter than the servers at hand keep theirs, since a connection that both
 * sides close at once looks like a failed request. Node closes after 5 s.
 */
const IDLE_CONNECTION_MS = 4000;

/** Makes connections, and makes them once for the same upstream and the same settings. */
export function createClients(host: Host): Clients {
  const known = new Map<string, { readonly key: string; readonly client: Client }>();
  return {
    take(upstream, tls) {
      const key = JSON.stringify(tls ?? null);
      const found = known.get(upstream);
      if (found?.key === key) return found.client;
      found?.client.close();
      const client = createWaryClient(host, { idleTimeoutMs: IDLE_CONNECTION_MS, tls });
      known.set(upstream, { key, client });
      return client;
    },
  };
}
