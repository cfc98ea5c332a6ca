import assert from "node:assert/strict";
import { connect, type TLSSocket } from "node:tls";
import { describe, test } from "node:test";

import { host } from "../../src/runtime/current.ts";
import { startToyServer } from "../../src/cli/demo/toy-server.ts";
import { eventually, pause } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startServer } from "../kit/start-server.ts";
import { startSite, swapped } from "../kit/start-site.ts";
import type { Teardown } from "../kit/teardown.ts";

const limit = { timeout: 60_000 };

/** Longer than the old listener goes on accepting. */
const handedOverMs = 2_800;

describe("when a certificate is replaced", () => {
  const onBun = {
    ...limit,
    skip: host.name !== "bun" && "Deno closes WebSockets with 1001: docs/runtimes.md",
  };

  test("a WebSocket goes on over the old connection", onBun, async (t) => {
    const toy = startToyServer({ name: "toy", port: await freePort(), delayMs: 0 });
    t.after(() => toy.abort());
    const site = await startSite(t, proxyTo([`http://127.0.0.1:${toy.port}`]));
    const { socket, heard } = await openWebSocket(t, site.proxy.port);
    await eventually(() => heard().includes("toy is listening"));
    await site.put(site.fresh);
    await swapped(site.proxy, 1);
    await pause(handedOverMs);
    socket.write(textFrame("still there?"));
    await eventually(() => heard().includes("toy: still there?"));
    assert.equal(socket.destroyed, false);
  });

  test("an HTTP/2 stream ends whole, and its client goes on", limit, async (t) => {
    const server = await startServer(t, async ({ url }, response) => {
      if (url !== "/long") return response.end("hi");
      for (let part = 0; part < 200; part += 1) {
        response.write("x".repeat(1_000));
        await pause(25);
      }
      return response.end();
    });
    const site = await startSite(t, proxyTo([server.url]));
    const { url, fresh, authority, put } = { ...site, url: site.proxy.url };
    const long = readOverHttp2(`${url}/long`, authority.cert);
    await put(fresh);
    await swapped(site.proxy, 1);
    assert.equal(await readOverHttp2(url, authority.cert), 2);
    await pause(handedOverMs);
    assert.equal(await readOverHttp2(url, authority.cert), 2);
    assert.equal(await long, 200_000);
  });
});

/**
 * The bytes of an answer, by the runtime's own fetch, as the client of `node:http2` cancels its streams when a server says
 * politely that it leaves (GOAWAY without an error).
 */
async function readOverHttp2(url: string, ca: string): Promise<number> {
  const init =
    host.name === "bun"
      ? { protocol: "http2", tls: { ca } }
      : { client: Deno.createHttpClient({ caCerts: [ca], http1: false }) };
  const response = await fetch(url, init as unknown as RequestInit);
  return (await response.arrayBuffer()).byteLength;
}

async function openWebSocket(
  t: Teardown,
  port: number,
): Promise<{ readonly socket: TLSSocket; readonly heard: () => string }> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  t.after(() => socket.destroy());
  let heard = "";
  socket.on("data", (chunk: Uint8Array) => (heard += Buffer.from(chunk).toString("latin1")));
  socket.on("error", () => {});
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  socket.on("secureConnect", () =>
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n${key}\r\n\r\n`),
  );
  await eventually(() => heard.startsWith("HTTP/1.1 101"));
  return { socket, heard: () => heard };
}

/** As a client must send it, under a mask; this one changes nothing. */
function textFrame(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
