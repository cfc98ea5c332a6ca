import assert from "node:assert/strict";
import { test } from "node:test";

import { host } from "../../src/runtime/current.ts";
import { createAuthority } from "../kit/certificates.ts";

const onBun = { skip: host.name !== "bun" && "only Bun speaks HTTP/3" };

/** Promises ten bytes, gives three of them, and breaks; `/whole` is an answer that does not. */
function answer({ url }: Request): Response {
  if (url.endsWith("/whole")) return new Response("whole");
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (isFirst) controller.enqueue(new TextEncoder().encode("abc"));
      else {
        await Bun.sleep(50);
        controller.error(new Error("the server went away"));
      }
      isFirst = false;
    },
  });
  return new Response(body, { headers: { "content-length": "10" } });
}

/** Bun's fetch takes no authority over HTTP/3, so that it must not ask for one. */
async function read(url: string, protocol: "http2" | "http3"): Promise<string> {
  try {
    const init = { protocol, tls: { rejectUnauthorized: false }, signal: AbortSignal.timeout(4_000) };
    return await (await fetch(url, init as unknown as RequestInit)).text();
  } catch (error) {
    return `broken: ${String(error)}`;
  }
}

test(
  "Bun still ends a broken answer cleanly over HTTP/3, which is why no listener speaks it",
  onBun,
  async (t) => {
    const site = await (await createAuthority(t)).issue("site");
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: site.cert, key: site.key },
      http2: true,
      http3: true,
      fetch: answer,
    });
    t.after(() => server.stop(true));
    const url = `https://127.0.0.1:${server.port}`;
    assert.match(await read(url, "http2"), /^broken: /, "HTTP/2 tells that it broke");
    assert.equal(await read(`${url}/whole`, "http3"), "whole");
    assert.equal(
      await read(url, "http3"),
      "abc",
      "Bun tells now that an answer over HTTP/3 broke off: offer `http3` on listeners (src/runtime/bun/server-tls.ts, " +
        "src/config/schema/listeners.ts), say so in docs/runtimes.md, and turn this test round.",
    );
  },
);
