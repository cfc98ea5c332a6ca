import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createServer } from "node:tls";

import { createAuthority } from "../../kit/certificates.ts";
import type { TestCertificate } from "../../kit/certificates.ts";
import { eventually } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { ended } from "./open-pair.ts";
import { acceptanceOf, askSocket, encodeFrame, fieldOf, TEXT } from "./socket-peer.ts";

/** A server that says over its WebSocket which name it was asked for in the TLS handshake. */
async function startTlsServer(t: Teardown, { cert, key }: TestCertificate): Promise<number> {
  const server = createServer({ cert, key }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes: Buffer) => {
      socket.write(acceptanceOf(fieldOf(bytes.toString("latin1"), "sec-websocket-key") ?? "", undefined));
      socket.write(encodeFrame(TEXT, Buffer.from(`asked for ${socket.servername || "nobody"}`), false));
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("a WebSocket to an https server goes over TLS, and only to one that proves its name", async (t) => {
  const authority = await createAuthority(t);
  const port = await startTlsServer(t, await authority.issue("server"));
  for (const [hostname, tls, expected] of [
    ["localhost", { ca: authority.certFile }, "asked for localhost"],
    ["127.0.0.1", { ca: authority.certFile }, "asked for nobody"],
    ["localhost", {}, "tls_certificate_error"],
  ] as const) {
    const plane = await startPlaneFor(t, proxyTo([`https://${hostname}:${port}`], { tls }));
    const client = await askSocket(t, plane.port);
    if (client.status === 101) {
      assert.deepEqual(await eventually(() => client.messages().length > 0 && client.messages()), [expected]);
    } else {
      assert.match(client.field("proxy-status") ?? "", new RegExp(`error=${expected}`));
    }
    client.socket.destroy();
    await ended(plane);
  }
});

test("a server of another name is not talked to", async (t) => {
  const authority = await createAuthority(t);
  const port = await startTlsServer(t, await authority.issue("other", { names: "DNS:other.test" }));
  const plane = await startPlaneFor(
    t,
    proxyTo([`https://localhost:${port}`], { tls: { ca: authority.certFile } }),
  );
  const client = await askSocket(t, plane.port);
  assert.equal(client.status, 502);
  assert.match(client.field("proxy-status") ?? "", /error=tls_certificate_error/);
});
