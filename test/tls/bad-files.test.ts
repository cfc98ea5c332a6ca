import assert from "node:assert/strict";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { host } from "../../src/runtime/current.ts";
import { createAuthority } from "../kit/certificates.ts";
import { runProgram, startProxy, writeConfig } from "../kit/start-proxy.ts";
import type { Teardown } from "../kit/teardown.ts";

const limit = { timeout: 30_000 };

const respond = { path: "/*", respond: { body: "hi" } };

interface Checked {
  readonly code: number;
  readonly told: string;
}

async function check(
  t: Teardown,
  tls: unknown,
  route: Readonly<Record<string, unknown>> = {},
): Promise<Checked> {
  const listeners = { secure: { bind: "127.0.0.1:0", tls } };
  const file = await writeConfig(t, { listeners, routes: [{ ...respond, ...route }] });
  const program = runProgram(t, ["check", "-c", file]);
  return { code: await program.exited, told: program.logs() };
}

describe("headgate check and the files of tls", () => {
  test(
    "passes a certificate with its key, and warns about a host that it does not name",
    limit,
    async (t) => {
      const authority = await createAuthority(t);
      const site = await authority.issue("site", { names: "DNS:*.a.example,DNS:b.example" });
      const tls = { certificates: [{ cert: site.certFile, key: site.keyFile }] };
      const checked = await check(t, tls, {
        host: ["x.a.example", "b.example", "y.x.a.example", "c.example"],
      });
      assert.equal(checked.code, 0, checked.told);
      const warned = [...checked.told.matchAll(/warning: (.*)/g)].map(([, warning]) => warning);
      assert.deepEqual(warned, [
        'no certificate of the listener "secure" is for "y.x.a.example"',
        'no certificate of the listener "secure" is for "c.example"',
      ]);
    },
  );

  test("warns about a certificate that has expired", limit, async (t) => {
    const site = await (await createAuthority(t)).issue("site", { days: -1 });
    const checked = await check(t, { certificates: [{ cert: site.certFile, key: site.keyFile }] });
    assert.equal(checked.code, 0, checked.told);
    assert.match(
      checked.told,
      /secure\.tls\.certificates\[0\]\.cert {2}warning: "[^"]*site\.crt" has expired/,
    );
  });

  test(
    "names the listener and the file of every fault at once, and never what a key says",
    limit,
    async (t) => {
      const authority = await createAuthority(t);
      const [site, other, broken] = [
        await authority.issue("site"),
        await authority.issue("other"),
        await authority.issue("broken"),
      ];
      const secret = broken.key.split("\n")[1] ?? "";
      await writeFile(broken.keyFile, broken.key.replace(secret, secret.slice(5)));
      const absent = join(authority.directory, "absent.key");
      const checked = await check(t, {
        certificates: [
          { cert: site.certFile, key: other.keyFile },
          { cert: site.keyFile, key: site.keyFile },
          { cert: broken.certFile, key: broken.keyFile },
          { cert: site.certFile, key: absent },
        ],
        clientAuth: { ca: site.keyFile },
      });
      assert.equal(checked.code, 1);
      const faults = [
        /\[0\]\.key {2}cannot use "[^"]*other\.key": it is not the key of "[^"]*site\.crt"/,
        /\[1\]\.cert {2}cannot use "[^"]*site\.key": it holds no certificate in PEM form/,
        /\[2\]\.key {2}cannot use "[^"]*broken\.key": the private key in it is broken/,
        /\[3\]\.key {2}cannot read "[^"]*absent\.key": there is no such file/,
        /clientAuth\.ca {2}cannot use "[^"]*site\.key": it holds no certificates in PEM form/,
      ];
      for (const fault of faults) assert.match(checked.told, fault);
      assert.match(checked.told, /config\.yaml:\d+:\d+ {2}listeners\.secure\.tls\./);
      for (const key of [site.key, other.key, broken.key])
        assert.ok(!checked.told.includes((key.split("\n")[1] ?? "").slice(8, 40)), "a key is told");
    },
  );

  test("finds a broken certificate in the middle of a chain", limit, async (t) => {
    const site = await (await createAuthority(t)).issue("site");
    await appendFile(site.certFile, site.cert.replaceAll(/^M.{20}/gm, ""));
    const checked = await check(t, { certificates: [{ cert: site.certFile, key: site.keyFile }] });
    assert.match(checked.told, /site\.crt": a certificate in it is broken/);
  });

  test("looks at what is named for servers as well", limit, async (t) => {
    const authority = await createAuthority(t);
    const [site, other] = [await authority.issue("site"), await authority.issue("other")];
    const tls = { ca: site.keyFile, cert: site.certFile, key: other.keyFile };
    const file = await writeConfig(t, {
      upstreams: { app: { servers: ["https://127.0.0.1:1"], tls } },
      routes: [{ path: "/*", upstream: "app" }],
    });
    const program = runProgram(t, ["check", "-c", file]);
    assert.equal(await program.exited, 1);
    assert.match(program.logs(), /upstreams\.app\.tls\.ca {2}cannot use "[^"]*site\.key": it holds no cert/);
    assert.match(program.logs(), /app\.tls\.key {2}cannot use "[^"]*other\.key": it is not the key of/);
  });

  if (host.name === "deno")
    test("refuses on Deno what Deno cannot do", limit, async (t) => {
      const authority = await createAuthority(t);
      const site = await authority.issue("site");
      const pair = { cert: site.certFile, key: site.keyFile };
      const tls = { certificates: [pair, pair], minVersion: "1.3", clientAuth: { ca: authority.certFile } };
      const { code, told } = await check(t, tls);
      assert.equal(code, 1);
      assert.match(told, /secure\.tls\.certificates {2}this runtime serves one certificate a listener/);
      assert.match(told, /secure\.tls\.minVersion {2}this runtime always begins at TLS 1\.2/);
      assert.match(told, /secure\.tls\.clientAuth {2}this runtime cannot ask clients for certificates/);
    });
});

test("a start with a missing certificate ends with a line that names it", limit, async (t) => {
  const site = await (await createAuthority(t)).issue("site");
  await rm(site.certFile);
  const tls = { certificates: [{ cert: site.certFile, key: site.keyFile }] };
  const config = { listeners: { secure: { bind: "127.0.0.1:0", tls } }, routes: [respond] };
  await assert.rejects(
    startProxy(t, config),
    /ended with 1.*\n.*listeners\.secure\.tls\.certificates\[0\]\.cert {2}cannot read "[^"]*site\.crt"/,
  );
});
