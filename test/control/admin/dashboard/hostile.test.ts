import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startProxy } from "../../../kit/start-proxy.ts";
import { startServer } from "../../../kit/start-server.ts";
import { openDashboard, rowOf, shareBrowser } from "./open-dashboard.ts";

const limit = { timeout: 60_000 };

const browser = shareBrowser();

/** Names have neither spaces nor slashes. */
const name = `"'><script>globalThis.hit=1<b>`;

const attack = `<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>`;

describe("the dashboard", () => {
  test("takes names and messages for texts, whatever stands in them", limit, async (t) => {
    const server = await startServer(t);
    const config = {
      upstreams: { [name]: { servers: [{ name, url: server.url }] } },
      routes: [
        { name: `${attack}1`, path: "/never", methods: ["PUT"], upstream: name },
        { name: attack, path: "/*", upstream: name },
      ],
    };
    const { adminUrl, configure } = await startProxy(t, config);
    const { page, assertClean } = await openDashboard(t, browser(), adminUrl);
    await rowOf(page, name).getByRole("button", { name: "Drain" }).click();
    await page.getByText(`${name}/${name} is drained`).waitFor();
    await rowOf(page, name).getByRole("button", { name: "Change…" }).click();
    await page.getByRole("heading", { name: `${name} / ${name}` }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("URL").fill(`http://localhost/${encodeURIComponent(attack)}`);
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByText(`Route “${attack}”`).waitFor();
    await configure({ ...config, [attack]: 1 });
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByRole("cell").filter({ hasText: "<img src=x onerror=" }).first().waitFor();
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      await page.waitForFunction("document.documentElement.scrollWidth <= innerWidth"); // the plots follow a frame later
    }
    assert.equal(await page.evaluate("globalThis.hit"), undefined);
    assert.equal(await page.evaluate("document.querySelectorAll('img, main script').length"), 0);
    assertClean();
  });

  test("writes only what has changed of 200 servers", limit, async (t) => {
    const server = await startServer(t);
    const servers = Array.from({ length: 200 }, (_, at) => ({ name: `web${at}`, url: server.url }));
    const { adminUrl, url } = await startProxy(t, {
      upstreams: { app: { balance: "hash", servers } },
      routes: [{ path: "/*", upstream: "app" }],
    });
    const { page, assertClean } = await openDashboard(t, browser(), adminUrl);
    await page.getByText("200 servers, all up").waitFor();
    await page.evaluate(watchRows);
    await (await fetch(url)).text();
    await page.locator(".p50 .value").filter({ hasText: "ms" }).waitFor();
    const changed = await page.evaluate<string[]>("[...globalThis.changed]");
    assert.equal(changed.length, 1, `changed: ${changed.join(", ")}`);
    await page.getByLabel("Find servers").fill("web17");
    await page.getByText("11 of 200 servers, all up").waitFor();
    assertClean();
  });
});

/** Notes the servers of which a text was written; the small lines move with time. */
const watchRows = `
  globalThis.changed = new Set();
  new MutationObserver((records) => {
    for (const { target } of records) globalThis.changed.add(target.parentElement.closest("tr")?.querySelector("b").textContent);
  }).observe(document.querySelector("tbody"), { subtree: true, childList: true, characterData: true });
`;
