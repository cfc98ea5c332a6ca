import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../../../kit/eventually.ts";
import { startProxy } from "../../../kit/start-proxy.ts";
import { startServer } from "../../../kit/start-server.ts";
import type { Teardown } from "../../../kit/teardown.ts";
import { keepAsking, openDashboard, rowOf, shareBrowser } from "./open-dashboard.ts";

const limit = { timeout: 60_000 };

const browser = shareBrowser();

interface ServerStatus {
  readonly name: string;
  readonly weight: number;
  readonly state: string;
  readonly override: object | null;
}

/** Two servers, one of which can be made to fail, behind a proxy with this token. */
async function start(t: Teardown, more: object = {}) {
  let isFailing = false;
  const good = await startServer(t);
  const moody = await startServer(t, (_, response) => {
    response.statusCode = isFailing ? 500 : 200;
    response.end("so so");
  });
  const config = {
    upstreams: {
      app: {
        balance: "round-robin",
        servers: [
          { name: "good", url: good.url },
          { name: "moody", url: moody.url, weight: 2 },
        ],
      },
    },
    routes: [{ name: "everything", path: "/*", upstream: "app" }],
    ...more,
  };
  const proxy = await startProxy(t, config);
  const { page, assertClean } = await openDashboard(t, browser(), proxy.adminUrl);
  const serverNamed = async (name: string) => {
    const status = (await (await fetch(`${proxy.adminUrl}/api/status`)).json()) as {
      readonly upstreams: readonly { readonly servers: readonly ServerStatus[] }[];
    };
    return status.upstreams[0]?.servers.find((server) => server.name === name);
  };
  const fail = () => {
    isFailing = true;
  };
  return { ...proxy, config, good, moody, fail, page, assertClean, serverNamed };
}

describe("the dashboard", () => {
  test("shows numbers that change under traffic", limit, async (t) => {
    const { url, page, fail, assertClean } = await start(t);
    await page.getByText("2 servers, all up").waitFor();
    const row = rowOf(page, "moody");
    assert.equal(await row.locator(".rate .value").innerText(), "0");
    keepAsking(t, url);
    await eventually(
      async () => Number.parseFloat(await row.locator(".rate .value").innerText()) > 5,
      10_000,
    );
    assert.match(await row.locator(".p50 .value").innerText(), /^[\d.]+\sm?s$/);
    assert.match(await page.locator("#figures").innerText(), /Median\n+[\d.]+\sm?s/);
    assert.equal(await row.locator(".errors .value").innerText(), "0\u00a0%");
    fail();
    await eventually(async () => (await row.locator(".errors .value").innerText()) !== "0\u00a0%", 10_000);
    await eventually(async () => /Errors\n+\d\d/.test(await page.locator("#figures").innerText()), 10_000);
    const plot = page.getByRole("img", { name: /^Requests\/s: now [\d.]+, at most [\d.]+/ });
    assert.ok(await plot.locator("canvas").isVisible());
    assertClean();
  });

  test("drains and undrains a server, and the traffic follows", limit, async (t) => {
    const { url, page, good, serverNamed, assertClean } = await start(t);
    const row = rowOf(page, "good");
    await row.getByRole("button", { name: "Drain good" }).click();
    await row.getByText("Drained").waitFor();
    assert.equal((await serverNamed("good"))?.state, "draining");
    const before = good.count();
    for (let n = 0; n < 6; n++) await (await fetch(url)).text();
    assert.equal(good.count(), before);
    await row.getByRole("button", { name: "Undrain good" }).click();
    await row.getByText("Up", { exact: true }).waitFor();
    for (let n = 0; n < 6; n++) await (await fetch(url)).text();
    assert.ok(good.count() > before);
    assert.equal((await serverNamed("good"))?.override, null);
    assertClean();
  });
});
