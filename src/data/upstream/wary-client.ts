import { isIdempotent } from "../../http/methods.ts";
import type { Host } from "../../runtime/host.ts";
import type { Call, Client, ClientOptions, ClientRequest } from "../../runtime/client.ts";

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

  function sendOnce(request: ClientRequest): Call {
    const { origin } = request;
    if ((waryUntilMs.get(origin) ?? 0) > host.time.monotonicMs()) return fresh.send(request);
    const call = keeping.send(request);
    call.reply.catch((error: unknown) => {
      if (host.classifyError(error) === "reset") waryUntilMs.set(origin, host.time.monotonicMs() + WARY_MS);
    });
    return call;
  }

  return {
    send: (request) => (isIdempotent(request.method) ? keeping.send(request) : sendOnce(request)),
    fetch: (url, init) => keeping.fetch(url, init),
    close() {
      keeping.close();
      fresh.close();
    },
  };
}
