import { isIdempotent } from "../../http/methods.ts";
import type { Client, ClientOptions, ClientRequest, Host } from "../../runtime/host.ts";

/** How long a server is remembered as one that closes connections without a word, ms. */
const WARY_MS = 10 * 60_000;

/**
 * Makes a client that keeps connections, and learns where that does not work.
 *
 * A server may close a connection just when the next request goes out on it. Nobody can tell then whether it has seen the
 * request, so one that must not be sent twice fails. Where that happened, such requests get a connection of their own
 * for a while; everything else goes on as before, since it can be sent again.
 *
 * Source: HAProxy's `http-reuse safe`, which does so for the first request of every session.
 */
export function createWaryClient(host: Host, options: ClientOptions): Client {
  const keeping = host.createClient(options);
  const fresh = host.createClient({ ...options, idleTimeoutMs: 0 });
  const waryUntilMs = new Map<string, number>();

  async function sendOnce(url: string, request: ClientRequest): Promise<Response> {
    const server = originOf(url);
    const nowMs = host.time.monotonicMs();
    if ((waryUntilMs.get(server) ?? 0) > nowMs) return fresh.fetch(url, request);
    try {
      return await keeping.fetch(url, request);
    } catch (error) {
      if (host.classifyError(error) === "reset") waryUntilMs.set(server, nowMs + WARY_MS);
      throw error;
    }
  }

  return {
    fetch: (url, request) =>
      isIdempotent(request.method) ? keeping.fetch(url, request) : sendOnce(url, request),
    close() {
      keeping.close();
      fresh.close();
    },
  };
}

/** Scheme, host and port. */
function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", "https://".length));
}
