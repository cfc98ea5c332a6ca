import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { describe, test } from "node:test";

import { host } from "../../src/runtime/current.ts";
import { createAuthority, type TestAuthority } from "../kit/certificates.ts";
import { startPlaneFor, type TestPlane } from "../kit/start-plane.ts";
import { startServer } from "../kit/start-server.ts";
import type { Teardown } from "../kit/teardown.ts";
import { proxyTo } from "../kit/proxy-to.ts";

const onBun = { skip: host.name !== "bun" && "this runtime refuses it at start-up" };

async function startTls(
  t: Teardown,
  tls: Readonly<Record<string, unknown>>,
  listener: Readonly<Record<string, unknown>> = {},
): Promise<TestPlane> {
  return startPlaneFor(t, {
    listeners: { secure: { bind: "127.0.0.1:0", ...listener, tls } },
    routes: [{ path: "/*", respond: { body: "hi" } }],
  });
}

function handshake(t: Teardown, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () =>
      resolve(socket),
    );
    socket.on("error", reject);
    t.after(() => socket.destroy());
  });
}

/** The common name of the certificate that a client is shown which asks for this server name. */
async function shownTo(t: Teardown, port: number, servername?: string): Promise<string> {
  const socket = await handshake(t, port, servername === undefined ? {} : { servername });
  return String(socket.getPeerCertificate().subject.CN);
}

/** Asks over a connection of its own; "" where the server closed it without an answer. */
async function ask(t: Teardown, port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = await handshake(t, port, options);
  return new Promise((resolve) => {
    let heard = "";
    socket.on("data", (chunk: Uint8Array) => (heard += Buffer.from(chunk).toString()));
    socket.on("error", () => {});
    socket.on("close", () => resolve(heard));
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  });
}

function askHttp2(t: Teardown, port: number, options: Readonly<Record<string, unknown>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, options);
    t.after(() => session.destroy());
    session.on("error", reject);
    const stream = session.request({ ":path": "/", ":authority": `localhost:${port}` });
    stream.on("response", (headers) => resolve(Number(headers[":status"])));
    stream.on("error", reject);
    stream.on("close", () => reject(new Error("closed without an answer")));
    stream.resume();
    stream.end();
  });
}

function pairs(...certificates: readonly { readonly certFile: string; readonly keyFile: string }[]) {
  return { certificates: certificates.map(({ certFile, keyFile }) => ({ cert: certFile, key: keyFile })) };
}

describe("a listener with tls", () => {
  test("answers clients that trust its authority, and tells servers so", async (t) => {
    const authority = await createAuthority(t);
    const server = await startServer(t, (request, response) => response.end(JSON.stringify(request.headers)));
    const proxy = await startPlaneFor(t, {
      listeners: { secure: { bind: "127.0.0.1:0", tls: pairs(await authority.issue("site")) } },
      ...proxyTo([server.url]),
    });
    const answer = await ask(t, proxy.port, {
      ca: authority.cert,
      rejectUnauthorized: true,
      servername: "localhost",
    });
    const seen = JSON.parse(answer.slice(answer.indexOf("{"), answer.indexOf("}") + 1)) as Record<
      string,
      string
    >;
    assert.equal(seen["x-forwarded-proto"], "https");
    assert.equal(seen["x-forwarded-host"], "localhost");
  });

  test("speaks HTTP/2 to clients that offer it, unless it is switched off", async (t) => {
    const authority = await createAuthority(t);
    const tls = pairs(await authority.issue("site"));
    const on = await startTls(t, tls);
    assert.equal((await handshake(t, on.port, { ALPNProtocols: ["h2", "http/1.1"] })).alpnProtocol, "h2");
    assert.equal((await handshake(t, on.port, { ALPNProtocols: ["http/1.1"] })).alpnProtocol, "http/1.1");
    assert.equal(await askHttp2(t, on.port, { ca: authority.cert, servername: "localhost" }), 200);
    if (host.name !== "bun") return; // docs/runtimes.md: Deno always offers it
    const off = await startTls(t, tls, { http2: false });
    assert.notEqual((await handshake(t, off.port, { ALPNProtocols: ["h2", "http/1.1"] })).alpnProtocol, "h2");
  });

  test("shows the certificate for the name that the client asks for", onBun, async (t) => {
    const authority = await createAuthority(t);
    const proxy = await startTls(t, await severalSites(authority));
    const shown = async (name?: string): Promise<string> => shownTo(t, proxy.port, name);
    assert.equal(await shown("www.two.example"), "two");
    assert.equal(await shown("TWO.example"), "two");
    assert.equal(await shown("any.wild.example"), "wild");
    assert.equal(await shown("exact.wild.example"), "first", "an exact name goes before a wildcard");
    assert.equal(await shown("deep.down.wild.example"), "first", "a wildcard is one label");
    assert.equal(await shown("wild.example"), "first");
    assert.equal(await shown("unknown.example"), "first");
    assert.equal(await shown(), "first");
  });

  test("refuses older versions than its own", onBun, async (t) => {
    const tls = await severalSites(await createAuthority(t));
    const proxy = await startTls(t, { ...tls, minVersion: "1.3" });
    for (const servername of ["www.two.example", "unknown.example"]) {
      await assert.rejects(handshake(t, proxy.port, { maxVersion: "TLSv1.2", servername }));
      assert.equal((await handshake(t, proxy.port, { servername })).getProtocol(), "TLSv1.3");
    }
  });

  test("takes TLS 1.2 and nothing older", async (t) => {
    const authority = await createAuthority(t);
    const proxy = await startTls(t, pairs(await authority.issue("site")));
    assert.equal((await handshake(t, proxy.port, { maxVersion: "TLSv1.2" })).getProtocol(), "TLSv1.2");
    const old: ConnectionOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" };
    await assert.rejects(handshake(t, proxy.port, old));
  });
});

describe("mutual tls", onBun, () => {
  test("lets only clients in whose certificate the authority signed", async (t) => {
    const authority = await createAuthority(t);
    const proxy = await startTls(t, await withClients(authority, true));
    const client = await authority.issue("client", { names: "DNS:client" });
    const stranger = await (await createAuthority(t)).issue("client", { names: "DNS:client" });
    for (const servername of ["www.two.example", "unknown.example"]) {
      const allowed = { servername, cert: client.cert, key: client.key };
      assert.match(await ask(t, proxy.port, allowed), /^HTTP\/1\.1 200/);
      assert.equal(await askOrReset(t, proxy.port, { servername }), "");
      const forged = { servername, cert: stranger.cert, key: stranger.key };
      assert.equal(await askOrReset(t, proxy.port, forged), "");
    }
  });

  test("holds over HTTP/2 as well", async (t) => {
    const authority = await createAuthority(t);
    const proxy = await startTls(t, await withClients(authority, true));
    const client = await authority.issue("client", { names: "DNS:client" });
    const stranger = await (await createAuthority(t)).issue("client", { names: "DNS:client" });
    for (const servername of ["www.two.example", "unknown.example"]) {
      const base = { rejectUnauthorized: false, servername };
      const allowed = { ...base, cert: client.cert, key: client.key };
      assert.equal(await askHttp2(t, proxy.port, allowed), 200);
      await assert.rejects(askHttp2(t, proxy.port, base));
      await assert.rejects(askHttp2(t, proxy.port, { ...base, cert: stranger.cert, key: stranger.key }));
    }
  });

  test("that is not required lets clients without a certificate in", async (t) => {
    const authority = await createAuthority(t);
    const proxy = await startTls(t, await withClients(authority, false));
    assert.match(await ask(t, proxy.port), /^HTTP\/1\.1 200/);
    const client = await authority.issue("client", { names: "DNS:client" });
    assert.match(await ask(t, proxy.port, { cert: client.cert, key: client.key }), /^HTTP\/1\.1 200/);
  });
});

/** A client learns that it is refused at the handshake (TLS 1.2) or when it reads (TLS 1.3). */
async function askOrReset(t: Teardown, port: number, options: ConnectionOptions): Promise<string> {
  return ask(t, port, options).catch(() => "");
}

async function severalSites(authority: TestAuthority) {
  return pairs(
    await authority.issue("first", { names: "DNS:first.example,DNS:exact.wild.example" }),
    await authority.issue("two", { names: "DNS:two.example,DNS:www.two.example" }),
    await authority.issue("wild", { names: "DNS:*.wild.example" }),
  );
}

async function withClients(authority: TestAuthority, required: boolean) {
  return { ...(await severalSites(authority)), clientAuth: { ca: authority.certFile, required } };
}
