import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { joinConfig, readBaseConfig } from "../../../src/control/gateway/base-config.ts";
import { writeConfig } from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";

const translated = {
  listeners: {
    "port-80": { bind: ":80" },
    "port-443": { bind: ":443", tls: { certificates: [{ cert: "a", key: "b" }] } },
  },
  upstreams: {},
  routes: [],
};

async function join(t: Teardown, text: string): Promise<Record<string, unknown>> {
  const base = await readBaseConfig(await writeConfig(t, text), { SECRET: "from the environment" });
  assert.ok("value" in base, JSON.stringify(base));
  return joinConfig(base, translated);
}

describe("the base of what the Gateway API says", () => {
  test("says the rest, with the variables of the environment", async (t) => {
    const joined = await join(t, 'workers: 2\nadmin: { token: "${SECRET}" }');
    assert.equal(joined["workers"], 2);
    assert.deepEqual(joined["admin"], { token: "from the environment" });
    assert.deepEqual(joined["listeners"], translated.listeners);
  });

  test("has settings for the listeners of the same ports, and no listeners of its own", async (t) => {
    const text = `
listeners:
  a: { bind: "127.0.0.1:80", trustedProxies: [10.0.0.0/8] }
  b: { bind: ":443", http2: false, tls: { certificates: [{ cert: own, key: own }] } }
  c: { bind: ":8080" }`;
    const { listeners } = await join(t, text);
    assert.deepEqual(listeners, {
      "port-80": { bind: "127.0.0.1:80", trustedProxies: ["10.0.0.0/8"] },
      "port-443": { bind: ":443", http2: false, tls: translated.listeners["port-443"].tls },
    });
  });

  test("may be absent", async () => {
    const base = await readBaseConfig(undefined, {});
    assert.ok("value" in base);
    assert.deepEqual(joinConfig(base, translated), translated);
  });

  test("that cannot be read is an error that says so", async () => {
    await assert.rejects(
      readBaseConfig("/nonexistent/config.yaml", {}),
      /Cannot read the configuration .*no such file/,
    );
  });
});
