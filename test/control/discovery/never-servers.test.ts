import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { parseConfigValue } from "../../../src/config/load.ts";
import { createNeverServer } from "../../../src/control/discovery/never-servers.ts";

function neverWith(bind: string | false): (url: string) => boolean {
  const loaded = parseConfigValue({
    listeners: { web: { bind: ":80" } },
    routes: [{ path: "/*", respond: {} }],
    admin: { bind: bind === false ? "off" : bind, token: "t" },
  });
  assert.ok("config" in loaded);
  return createNeverServer(loaded.config);
}

describe("what is found", () => {
  const isNever = neverWith("127.0.0.1:9900");
  for (const url of [
    "http://0.0.0.0:80",
    "http://169.254.169.254",
    "http://224.0.0.1:80",
    "http://255.255.255.255:80",
    "http://[::]:80",
    "http://[fe80::1]:80",
    "http://[ff02::1]:80",
    "http://[::ffff:169.254.169.254]:80",
    "http://127.0.0.1:9900",
    "http://127.9.9.9:9900",
    "http://[::1]:9900",
    "http://[::ffff:127.0.0.1]:9900",
  ])
    test(`at ${url} is never a server`, () => assert.ok(isNever(url)));

  for (const url of [
    "http://127.0.0.1:9000",
    "http://10.0.0.1:9900",
    "https://[fd00::1]",
    "http://192.168.0.1",
  ])
    test(`at ${url} may be a server`, () => assert.ok(!isNever(url)));

  test("beside an admin that others reach, or none, may be here on any port", () => {
    assert.ok(!neverWith("0.0.0.0:9900")("http://127.0.0.1:9900"));
    assert.ok(!neverWith(false)("http://127.0.0.1:80"));
  });
});
