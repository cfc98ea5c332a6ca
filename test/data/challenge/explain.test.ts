import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfigValue } from "../../../src/config/load.ts";
import type { Exchange } from "../../../src/data/exchange/exchange.ts";
import { explainAdmission } from "../../../src/data/limits/explain.ts";

test("An explanation tells that a challenge comes first, unless a clearance is shown", () => {
  const loaded = parseConfigValue({
    routes: [{ path: "/*", respond: { body: "ok" } }],
    limits: { challenge: { mode: "always" }, exempt: ["192.0.2.0/24"] },
  });
  assert.ok("config" in loaded);
  const statusFor = (client: string, headers: Record<string, string>): number | undefined => {
    const request = new Request("http://site.test/", { headers });
    const exchange = { client, request, path: "/", query: "" } as unknown as Exchange;
    return explainAdmission(loaded.config, loaded.config.routes[0], exchange)?.status;
  };
  assert.equal(statusFor("198.51.100.1", {}), 429);
  assert.equal(statusFor("198.51.100.1", { cookie: "headgate-clearance=x" }), undefined);
  assert.equal(statusFor("192.0.2.1", {}), undefined);
});
