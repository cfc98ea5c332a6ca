import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { loadConfig } from "../../../src/config/load.ts";
import { supportedFeatures } from "../../../src/control/gateway/features.ts";
import { statusesOf } from "../../../src/control/gateway/status/statuses.ts";
import { serviceObjects } from "./service-objects.ts";
import { leastRows } from "../../../src/control/gateway/start-gateway.ts";
import { mostRoutes } from "../../../src/control/gateway/translate.ts";
import { translateText } from "./start-gateway.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/gateway-api.md"), "utf8");
const examples = [...page.matchAll(/^```yml\n(.*?)^```$/gms)].map(([, text = ""]) => text);

describe("the page on the Gateway API", () => {
  test("says yes to the features that we have, and no to all others", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (core|extended) \| (yes|no) \|/gm)];
    const yes = rows.filter(([, , , answer]) => answer === "yes").map(([, name]) => name);
    assert.deepEqual(new Set(yes), new Set(supportedFeatures));
    assert.ok(rows.length > yes.length);
    assert.equal(new Set(rows.map(([, name]) => name)).size, rows.length);
  });

  test("has a Gateway and a route that are taken in as they stand there", () => {
    const [text = ""] = examples;
    const services = ["api", "api-canary", "app"].flatMap((name) =>
      serviceObjects({ name: `shop/${name}`, endpoints: ["10.0.0.1:8081"] }),
    );
    const translation = translateText(text, services);
    const statuses = statusesOf(translation, { addresses: [], all: [] });
    const [, gateway, route] = statuses;
    assert.ok(gateway?.kind === "Gateway" && route?.kind === "HTTPRoute");
    const conditions = [
      ...gateway.status.conditions,
      ...gateway.status.listeners.flatMap((listener) => listener.conditions),
      ...route.status.parents.flatMap((parent) => parent.conditions),
    ];
    const unmet = conditions.filter(
      ({ type, status }) => status !== (type === "Conflicted" ? "False" : "True"),
    );
    assert.deepEqual(unmet, []);
    assert.equal(translation.config.routes.length, 3);
  });

  test("has a base that is valid", () => {
    const [, text = ""] = examples;
    const loaded = loadConfig(text, { file: "", env: { HEADGATE_TOKEN: "a secret" }, purpose: "base" });
    assert.ok("config" in loaded, JSON.stringify(loaded));
    assert.equal(examples.length, 2);
  });

  test("says how much is too much", () => {
    assert.match(page, new RegExp(`multiply to more than ${mostRoutes} `));
    assert.match(page, new RegExp(`room for ${leastRows} servers`));
  });
});
