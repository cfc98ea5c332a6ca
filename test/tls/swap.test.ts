import assert from "node:assert/strict";
import { copyFile, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, test } from "node:test";

import { createAuthority } from "../kit/certificates.ts";
import { eventually, pause } from "../kit/eventually.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startProxy } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";
import { startSite, swapped } from "../kit/start-site.ts";

const limit = { timeout: 90_000 };

/** The common name of the certificate that a new connection is shown. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** A request over a connection of its own; says what went wrong, or "". */
function askOnce(port: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () =>
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", (chunk: Uint8Array) => (heard += Buffer.from(chunk).toString("latin1")));
    socket.on("error", (error) => resolve(String(error)));
    socket.on("close", () => resolve(heard.startsWith("HTTP/1.1 200") ? "" : `closed after "${heard}"`));
  });
}

/** A request over connections that are kept; says what went wrong, or "". */
function askKept(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ port, host: "127.0.0.1", agent, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200 ? "" : String(response.statusCode)));
      response.on("error", (error) => resolve(String(error)));
    });
    asked.on("error", (error) => resolve(String(error)));
    asked.end();
  });
}

describe("a certificate file that changes", () => {
  for (const workers of [1, 2]) {
    test(`is served to new connections without --watch, with workers: ${workers}`, limit, async (t) => {
      const { proxy, fresh, put } = await startSite(t, { workers });
      assert.equal(await shown(proxy.port), "old");
      await put(fresh);
      await swapped(proxy, 1);
      for (let round = 0; round < 20; round += 1) assert.equal(await shown(proxy.port), "fresh");
    });
  }

  test("may be a link that is swapped as Kubernetes does it", limit, async (t) => {
    const authority = await createAuthority(t);
    const mount = join(authority.directory, "mount");
    await mkdir(mount);
    const point = async (name: string): Promise<void> => {
      const { cert, key } = await authority.issue(name);
      await mkdir(join(mount, `..${name}`));
      await writeFile(join(mount, `..${name}`, "tls.crt"), cert);
      await writeFile(join(mount, `..${name}`, "tls.key"), key);
      await symlink(`..${name}`, join(mount, "..data_tmp"));
      await rename(join(mount, "..data_tmp"), join(mount, "..data"));
    };
    await point("one");
    for (const file of ["tls.crt", "tls.key"]) await symlink(`..data/${file}`, join(mount, file));
    const tls = { certificates: [{ cert: join(mount, "tls.crt"), key: join(mount, "tls.key") }] };
    const proxy = await startProxy(t, {
      listeners: { secure: { bind: "127.0.0.1:0", tls } },
      routes: [{ path: "/*", respond: { body: "hi" } }],
    });
    assert.equal(await shown(proxy.port), "one");
    for (const [index, name] of ["two", "three"].entries()) {
      await point(name);
      await swapped(proxy, index + 1);
      assert.equal(await shown(proxy.port), name);
    }
  });

  test(
    "and does not fit its key is refused, named in the log, and the old pair goes on",
    limit,
    async (t) => {
      const { proxy, old, fresh, put } = await startSite(t);
      const directory = join(old.certFile, "..");
      const told = (pattern: RegExp): Promise<unknown> =>
        eventually(() => pattern.test(proxy.logs()), 10_000);
      await copyFile(fresh.certFile, join(directory, "site.crt"));
      await told(/secure\.tls\.certificates\[0\]\.key {2}cannot use "[^"]*site\.key": it is not the key of/);
      await told(/certificates kept/);
      assert.equal(await shown(proxy.port), "old");
      await writeFile(join(directory, "site.crt"), "no certificate");
      await told(/cannot use "[^"]*site\.crt": it holds no certificate/);
      assert.equal(await shown(proxy.port), "old");
      await rename(join(directory, "site.crt"), join(directory, "gone.crt"));
      await told(/cannot read "[^"]*site\.crt": there is no such file/);
      assert.equal(await shown(proxy.port), "old");
      await put(fresh);
      await swapped(proxy, 1);
      assert.equal(await shown(proxy.port), "fresh");
      for (const { key } of [old, fresh])
        assert.ok(!proxy.logs().includes((key.split("\n")[1] ?? "").slice(0, 30)), "a key is in the log");
    },
  );

  test("and has expired is served, with a warning", limit, async (t) => {
    const { authority, proxy, put } = await startSite(t);
    await put(await authority.issue("late", { days: -1 }));
    await swapped(proxy, 1);
    assert.equal(await shown(proxy.port), "late");
    assert.match(proxy.logs(), / warn .*certificates\[0\]\.cert {2}"[^"]*site\.crt" has expired/);
  });

  test("is seen too where a reload has named it", limit, async (t) => {
    const { proxy, fresh, old } = await startSite(t);
    const tls = { certificates: [{ cert: fresh.certFile, key: fresh.keyFile }] };
    await proxy.configure({
      listeners: { secure: { bind: "127.0.0.1:0", tls } },
      routes: [{ path: "/*", respond: { body: "hi" } }],
      admin: { bind: false },
    });
    proxy.signal("SIGHUP");
    await eventually(() => proxy.logs().includes("info reloaded version"), 10_000);
    assert.equal(await shown(proxy.port), "fresh");
    await writeFile(fresh.keyFile, old.key);
    await writeFile(fresh.certFile, old.cert);
    await swapped(proxy, 1);
    assert.equal(await shown(proxy.port), "old");
  });
});

describe("swapping certificates under load", () => {
  for (const workers of [1, 2]) {
    test(`fails no connection and no request, with workers: ${workers}`, limit, async (t) => {
      const swaps = 3;
      const size = 400;
      const server = await startServer(t, async ({ url }, response) => {
        if (url !== "/long") return response.end("hi");
        for (let part = 0; part < size; part += 1) {
          response.write("x".repeat(1_000));
          await pause(20);
        }
        return response.end();
      });
      const site = await startSite(t, { workers, ...proxyTo([server.url]) });
      const { proxy } = site;
      const faults: string[] = [];
      const asked = { once: 0, kept: 0 };
      const load = { isRunning: true };
      const loop = async (count: keyof typeof asked, ask: () => Promise<string>): Promise<void> => {
        while (load.isRunning) {
          const fault = await ask();
          asked[count] += 1;
          if (fault !== "") faults.push(`${count}: ${fault}`);
        }
      };
      const agent = new Agent({ keepAlive: true, maxSockets: 2 });
      t.after(() => agent.destroy());
      const loops = [
        ...Array.from({ length: 6 }, () => loop("once", () => askOnce(proxy.port))),
        ...Array.from({ length: 2 }, () => loop("kept", () => askKept(proxy.port, agent))),
      ];
      const long = downloadLong(proxy.port);
      for (let swap = 1; swap <= swaps; swap += 1) {
        await site.put(swap % 2 === 1 ? site.fresh : site.old);
        await swapped(proxy, swap);
      }
      await pause(2_600); // the last one hands over
      load.isRunning = false;
      await Promise.all(loops);
      assert.deepEqual(faults, [], `of ${JSON.stringify(asked)}`);
      assert.equal(await long, size * 1_000);
      assert.doesNotMatch(proxy.logs(), / (warn|error) /);
    });
  }
});

function downloadLong(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: "127.0.0.1", path: "/long", rejectUnauthorized: false },
      (response) => {
        let bytes = 0;
        response.on("data", (chunk: Uint8Array) => (bytes += chunk.length));
        response.on("end", () => resolve(bytes));
        response.on("error", reject);
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}
