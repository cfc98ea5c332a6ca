import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startTalkServer } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

const isDeno = "Deno" in globalThis;

/** An https server on localhost with a certificate that only its own file vouches for. */
async function startSecureServer(
  t: Teardown,
  name = "localhost",
): Promise<{ url: string; certFile: string; hosts: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), "headgate-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [certFile, keyFile] = [join(directory, "site.crt"), join(directory, "site.key")];
  const leaf = ["-addext", "basicConstraints=critical,CA:FALSE"]; // Deno takes no authority for a server
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, ...leaf];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const files = ["-keyout", keyFile, "-out", certFile];
  execFileSync("openssl", ["req", "-x509", ...curve, ...names, ...files], { stdio: "ignore" });
  const hosts: string[] = [];
  const server = createServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    (request, response) => {
      hosts.push(request.headers.host ?? "");
      response.setHeader("content-type", "text/plain");
      response.end("secret");
    },
  );
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, certFile, hosts };
}

describe("A server over TLS", () => {
  test("whose certificate nobody vouches for gets no request", async (t) => {
    const server = await startSecureServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const response = await fetch(plane.url);
    assert.equal(response.status, 502);
    assert.match(response.headers.get("proxy-status") ?? "", /error=tls_certificate_error/);
    assert.deepEqual(server.hosts, []);
    await plane.settled();
    assert.equal(plane.counts().errors, 1);
  });

  test("that the configured ca vouches for answers, and may get another Host than its own", async (t) => {
    const server = await startSecureServer(t);
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { tls: { ca: server.certFile }, hostHeader: "a.test" }),
    );
    const response = await fetch(plane.url);
    assert.equal(await response.text(), "secret");
    assert.deepEqual(server.hosts, ["a.test"]);
  });

  test("that goes by another name than its certificate gets no request", async (t) => {
    const server = await startSecureServer(t);
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url.replace("localhost", "127.0.0.1")], { tls: { ca: server.certFile } }),
    );
    const response = await fetch(plane.url);
    assert.equal(response.status, 502);
    assert.match(response.headers.get("proxy-status") ?? "", /error=tls_certificate_error/);
    assert.deepEqual(server.hosts, []);
  });

  test(`that need not be verified ${isDeno ? "is refused at the start: Deno always verifies" : "answers"}`, async (t) => {
    const server = await startSecureServer(t);
    const config = proxyTo([server.url], { tls: { verify: false } });
    if (isDeno) return assert.rejects(startPlaneFor(t, config), /upstreams\.app\.tls\.verify/);
    const plane = await startPlaneFor(t, config);
    assert.equal(await (await fetch(plane.url)).text(), "secret");
  });

  const onBun = { skip: isDeno ? "Deno always verifies" : false };
  for (const ca of [false, true])
    test(
      `that need not be verified answers to a wrong name${ca ? " under a known authority" : ""}`,
      onBun,
      async (t) => {
        const server = await startSecureServer(t, "other.test");
        const tls = { verify: false, ...(ca && { ca: server.certFile }) };
        const plane = await startPlaneFor(t, proxyTo([server.url], { tls }));
        assert.equal(await (await fetch(plane.url)).text(), "secret");
      },
    );

  test("that need not be verified must speak TLS all the same", onBun, async (t) => {
    const server = await startTalkServer(t, (talk) => talk.write("HTTP/1.1 400 X\r\n\r\n"));
    const url = server.url.replace("http:", "https:");
    const plane = await startPlaneFor(t, proxyTo([url], { tls: { verify: false } }));
    const response = await fetch(plane.url);
    assert.match(response.headers.get("proxy-status") ?? "", /error=tls_protocol_error/);
  });

  test(`under another name ${isDeno ? "is refused at the start: Deno takes the URL's" : "answers to serverName"}`, async (t) => {
    const server = await startSecureServer(t);
    const url = server.url.replace("localhost", "127.0.0.1");
    const config = proxyTo([url], { tls: { ca: server.certFile, serverName: "localhost" } });
    if (isDeno) return assert.rejects(startPlaneFor(t, config), /upstreams\.app\.tls\.serverName/);
    const plane = await startPlaneFor(t, config);
    assert.equal(await (await fetch(plane.url)).text(), "secret");
  });

  test("that speaks no TLS is a failure of TLS", async (t) => {
    const server = await startTalkServer(t, (talk) => talk.write("HTTP/1.1 400 X\r\n\r\n"));
    const plane = await startPlaneFor(t, proxyTo([server.url.replace("http:", "https:")]));
    const response = await fetch(plane.url);
    assert.equal(response.status, 502);
    assert.match(response.headers.get("proxy-status") ?? "", /error=tls_protocol_error/);
  });
});
