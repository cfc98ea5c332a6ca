import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../../../kit/eventually.ts";
import { createGate } from "../../../kit/gate.ts";
import { startServer } from "../../../kit/start-server.ts";
import type { Teardown } from "../../../kit/teardown.ts";
import { keepAsking, openDashboard, rowOf, shareBrowser } from "./open-dashboard.ts";
import { startTwo } from "./start-dashboard.ts";

const limit = { timeout: 60_000 };

const browser = shareBrowser();

async function start(t: Teardown, more: object = {}) {
  const running = await startTwo(t, more);
  const dashboard = await openDashboard(t, browser(), running.adminUrl);
  return { ...running, ...dashboard };
}

describe("the dashboard shows", () => {
  test("numbers that change under traffic", limit, async (t) => {
    const { url, page, fail, assertClean } = await start(t, { workers: 2 });
    await page.getByText("2 servers, all up").waitFor();
    const row = rowOf(page, "moody");
    assert.equal(await row.locator(".rate .value").innerText(), "0");
    keepAsking(t, url);
    const figures = page.locator("#figures");
    await eventually(
      async () => Number.parseFloat(await row.locator(".rate .value").innerText()) > 5,
      10_000,
    );
    await eventually(async () => /Median\n+[\d.]+\sm?s/.test(await figures.innerText()));
    assert.match(await row.locator(".p50 .value").innerText(), /^[\d.]+\sm?s$/);
    assert.equal(await row.locator(".errors .value").innerText(), "0\u00a0%");
    fail();
    await eventually(async () => /Errors\n+\d\d/.test(await figures.innerText()), 10_000);
    assert.notEqual(await row.locator(".errors .value").innerText(), "0\u00a0%");
    const plot = page.getByRole("img", { name: /^Requests\/s: now [\d.]+, at most [\d.]+/ });
    assert.ok(await plot.locator("canvas").isVisible());
    assertClean();
  });

  test("a server that is ejected, on trial, and back", limit, async (t) => {
    const gate = createGate();
    let status = 503;
    const moody = await startServer(t, async (_, response) => {
      if (status === 200) await gate.opened;
      response.statusCode = status;
      response.end();
    });
    const { good, ask, url, page, assertClean, configure, config } = await start(t);
    const health = { passive: { failures: 1, ejectFor: "2s" } };
    const servers = [
      { name: "good", url: good.url },
      { name: "ill", url: moody.url },
    ];
    await configure({ ...config, upstreams: { app: { balance: "round-robin", servers, health } } });
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByText("Done. What has changed:").waitFor();
    const row = rowOf(page, "ill");
    await ask(2);
    await row.getByText("Ejected").waitFor();
    await row.getByText(/^tried (in [12]\ss|next)$/).waitFor();
    status = 200;
    await row.getByText("tried next").waitFor();
    const answers = [fetch(url), fetch(url)];
    await row.getByText("On trial").waitFor();
    gate.open();
    for (const answer of answers) await (await answer).text();
    await row.getByText("Up", { exact: true }).waitFor();
    assertClean();
  });

  test("servers that come and go, without taking the focus away", limit, async (t) => {
    const { page, config, configure, adminUrl, assertClean } = await start(t);
    const button = page.getByRole("button", { name: "Drain good" });
    await button.focus();
    const servers = [...config.upstreams.app.servers, { name: "new", url: "http://127.0.0.1:9" }];
    await configure({ ...config, upstreams: { app: { servers } } });
    assert.equal((await fetch(`${adminUrl}/api/reload`, { method: "POST" })).status, 200);
    await rowOf(page, "new").waitFor();
    assert.equal(await button.evaluate(hasFocus), true);
    await configure({ ...config, upstreams: { app: { servers: servers.slice(1) } } });
    assert.equal((await fetch(`${adminUrl}/api/reload`, { method: "POST" })).status, 200);
    await page.getByText("2 servers, all up").waitFor();
    assert.equal(await rowOf(page, "good").count(), 0);
    assertClean();
  });

  test("totals that are those of the status", limit, async (t) => {
    const { page, ask } = await start(t);
    await ask(30);
    await page.getByRole("button", { name: "Change… moody" }).click();
    await eventually(async () => /20, 0 failed/.test(await page.locator("#server-facts").innerText()));
    assert.match(await page.locator("#server-facts").innerText(), /2xx 20,/);
  });

  test("the past of what is chosen", limit, async (t) => {
    const { page, ask, assertClean } = await start(t);
    await ask(60);
    const plot = page.getByRole("img", { name: /^Requests\/s: now/ });
    const mostOf = async () =>
      Number(/at most (\d+(?:\.\d+)?)/.exec((await plot.getAttribute("aria-label")) ?? "")?.[1] ?? 0);
    await page.getByRole("radio", { name: "7 days" }).check();
    await eventually(async () => (await mostOf()) > 0);
    const all = await mostOf();
    const asked = page.waitForRequest(/api\/history\?upstream=app&server=good&minutes=10080/);
    await page.getByRole("combobox", { name: "Of" }).selectOption({ label: "good" });
    await asked;
    await eventually(async () => (await mostOf()) < all);
    await plot.focus();
    await page.keyboard.press("ArrowLeft");
    await page
      .locator(".plot .unseen")
      .getByText(/\d:\d\d.*: [\d.]+$/)
      .waitFor({ state: "attached" });
    assertClean();
  });

  test("only the servers that are looked for", limit, async (t) => {
    const { page, assertClean } = await start(t);
    await page.getByLabel("Find servers").fill("MOO");
    await page.getByText("1 of 2 servers, all up").waitFor();
    assert.equal(await rowOf(page, "good").isVisible(), false);
    await page.getByLabel("Find servers").fill("");
    await page.getByRole("button", { name: "Drain good" }).click();
    await page.getByLabel("Not up").check();
    await page.getByText("1 of 2 servers, 1 not up").waitFor();
    assert.equal(await rowOf(page, "moody").isVisible(), false);
    assert.equal(await page.title(), "1 not up · Headgate");
    assertClean();
  });

  test("where a request would go", limit, async (t) => {
    const { page, assertClean } = await start(t);
    await page.getByLabel("URL").fill("http://localhost/a?b=c");
    await page.getByLabel("Header fields").fill("x-one: 1\ncookie: a=b: c");
    await page.getByRole("button", { name: "Explain" }).click();
    const answer = page.locator("#explained");
    await answer.getByText("Route “everything”: to upstream “app”").waitFor();
    assert.match(await answer.innerText(), /the best by round-robin/);
    await page.getByLabel("Client", { exact: true }).fill("nobody");
    await page.getByRole("button", { name: "Explain" }).click();
    await answer.getByText("an address such as 10.0.0.7").waitFor();
    assertClean();
  });
});

describe("on the dashboard, people", () => {
  test("drain and undrain a server, and the traffic follows", limit, async (t) => {
    const { page, good, ask, serverNamed, assertClean } = await start(t);
    const row = rowOf(page, "good");
    await row.getByRole("button", { name: "Drain good" }).click();
    await row.getByText("Drained").waitFor();
    await page.getByText("app/good is drained").waitFor();
    assert.equal((await serverNamed("good"))?.state, "draining");
    const before = good.count();
    await ask(6);
    assert.equal(good.count(), before);
    await row.getByRole("button", { name: "Undrain good" }).click();
    await row.getByText("Up", { exact: true }).waitFor();
    await ask(6);
    assert.ok(good.count() > before);
    assert.equal((await serverNamed("good"))?.override, null);
    assertClean();
  });

  test("set a weight, see both values, and undo it", limit, async (t) => {
    const { page, good, moody, ask, serverNamed, assertClean } = await start(t);
    await page.getByRole("button", { name: "Change… moody" }).click();
    const dialog = page.getByRole("dialog", { name: "app / moody" });
    assert.equal(await dialog.getByLabel("Weight, 0 to 256").inputValue(), "2");
    await dialog.getByLabel("Weight, 0 to 256").fill("0.5");
    await dialog.getByRole("button", { name: "Apply" }).click();
    const row = rowOf(page, "moody");
    await row.getByText("configured 2").waitFor();
    assert.equal(await row.locator(".weight .value").innerText(), "0.5");
    assert.equal((await serverNamed("moody"))?.weight, 0.5);
    await ask(30);
    assert.deepEqual([good.count(), moody.count()], [20, 10]);
    await page.getByRole("button", { name: "Change… moody" }).click();
    const values = await dialog.getByRole("row", { name: /^Weight/ }).innerText();
    assert.deepEqual(values.split(/\s+/), ["Weight", "2", "0.5", "0.5"]);
    await dialog.getByRole("button", { name: "Undo" }).click();
    await page.getByText("app/moody is as configured again").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await row.getByRole("button", { name: "Undo" }).isVisible(), false);
    assert.equal(await row.getByRole("button", { name: "Change… moody" }).isVisible(), true);
    assert.deepEqual(
      [(await serverNamed("moody"))?.weight, (await serverNamed("moody"))?.override],
      [2, null],
    );
    assertClean();
  });

  test("take a server down, and undo that in its row", limit, async (t) => {
    const { page, serverNamed, assertClean } = await start(t);
    const row = rowOf(page, "good");
    await row.getByRole("button", { name: "Change… good" }).click();
    await page.getByLabel("Down").check();
    await page.getByRole("button", { name: "Apply" }).click();
    await row.getByText("Down", { exact: true }).waitFor();
    await row.getByText("set here").waitFor();
    assert.ok(await row.getByRole("button", { name: "Bring back good" }).isVisible());
    assert.deepEqual((await serverNamed("good"))?.state, "down");
    await row.getByRole("button", { name: "Undo what was set of good" }).click();
    await row.getByText("Up", { exact: true }).waitFor();
    assert.equal((await serverNamed("good"))?.override, null);
    assert.equal(await row.getByRole("button", { name: "Drain good" }).evaluate(hasFocus), true);
    assertClean();
  });

  test("ban a client, and lift the ban", limit, async (t) => {
    const { url, page, assertClean } = await start(t);
    const status = async () => (await fetch(url, { headers: { connection: "close" } })).status;
    await page.getByText("Nobody is banned.").waitFor();
    await page.getByLabel("Address", { exact: true }).fill("127.0.0.1");
    await page.getByRole("combobox", { name: "For" }).selectOption("1 hour");
    await page.getByRole("button", { name: "Ban", exact: true }).click();
    await page.getByRole("cell", { name: "set by a person" }).waitFor();
    assert.equal(await status(), 403);
    await page.getByRole("button", { name: "Lift the ban of 127.0.0.1" }).click();
    await page.getByText("Nobody is banned.").waitFor();
    assert.equal(await status(), 200);
    await page.getByLabel("Address", { exact: true }).fill("localhost");
    await page.getByRole("button", { name: "Ban", exact: true }).click();
    await page.getByText("an address such as 10.0.0.7").waitFor();
    assertClean();
  });

  test("reload, and see what has changed or what is wrong where", limit, async (t) => {
    const { page, config, configure, assertClean } = await start(t);
    const result = page.getByRole("region", { name: "Reload" });
    await configure({
      ...config,
      upstreams: { ...config.upstreams, more: { servers: ["http://127.0.0.1:9"] } },
    });
    await page.getByRole("button", { name: "Reload" }).click();
    await result.getByText("Done. What has changed:").waitFor();
    await page.getByRole("table", { name: "Servers of more" }).waitFor();
    await configure({ ...config, upstreams: { app: { servers: [] } }, surprise: 1 });
    await page.getByRole("button", { name: "Reload" }).click();
    await result.getByText("Nothing has changed: the configuration is wrong.").waitFor();
    const problems = await result.getByRole("row").allInnerTexts();
    assert.ok(
      problems.some((line) => /config\.yaml:1:\d+\s+surprise\s+unknown key/.test(line)),
      problems.join("\n"),
    );
    await page
      .getByText(/^The configuration is wrong in \d places, so the one before it goes on\.$/)
      .waitFor();
    await result.getByRole("button", { name: "Close" }).click();
    assert.equal(await result.isVisible(), false);
    assert.ok(await page.getByRole("table", { name: "Servers of more" }).isVisible());
    await page.getByRole("button", { name: "Show what is wrong" }).click();
    await result.getByRole("cell", { name: "surprise" }).waitFor();
    await configure(config);
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByRole("button", { name: "Show what is wrong" }).waitFor({ state: "hidden" });
    assertClean();
  });
});

function hasFocus(element: unknown): boolean {
  return (
    element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement
  );
}
