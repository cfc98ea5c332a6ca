import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "../../../kit/eventually.ts";
import { startProxy } from "../../../kit/start-proxy.ts";
import { openDashboard, rowOf, shareBrowser } from "./open-dashboard.ts";
import { startTwo } from "./start-dashboard.ts";

const limit = { timeout: 60_000 };

const browser = shareBrowser();

const token = "open sesame, but longer".replaceAll(" ", "-");

describe("with a token, the dashboard", () => {
  test("shows nothing without it, and asks for it", limit, async (t) => {
    const { adminUrl } = await startTwo(t, { admin: { bind: "127.0.0.1:0", token } });
    const { page, assertClean } = await openDashboard(t, browser(), adminUrl);
    await page.getByRole("heading", { name: "This admin asks for its token" }).waitFor();
    assertClean();
    assert.equal(await page.getByRole("button", { name: "Reload" }).isVisible(), false);
    assert.doesNotMatch(await page.locator("body").innerText(), /moody/);
    const field = page.getByLabel("Token");
    assert.equal(await field.getAttribute("type"), "password");
    await field.fill("a guess");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("This token is not the admin's.").waitFor();
    await field.fill(token);
    await page.keyboard.press("Enter");
    await rowOf(page, "moody").getByRole("button", { name: "Drain moody" }).click();
    await rowOf(page, "moody").getByText("Drained").waitFor();
    assertClean();
  });

  test("keeps it for the tab, and forgets it", limit, async (t) => {
    const { adminUrl } = await startTwo(t, { admin: { bind: "127.0.0.1:0", token } });
    const { page, assertClean } = await openDashboard(t, browser(), adminUrl);
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Live", { exact: true }).first().waitFor();
    await page.reload();
    await rowOf(page, "good").waitFor();
    const other = await openDashboard(t, browser(), adminUrl);
    await other.page.getByLabel("Token").waitFor();
    await page.getByRole("button", { name: "Forget token" }).click();
    await page.getByLabel("Token").waitFor();
    assert.equal(await page.evaluate("sessionStorage.length + localStorage.length"), 0);
    assertClean();
  });
});

describe("the dashboard", () => {
  test("serves every file that it is made of", limit, async (t) => {
    const { adminUrl } = await startTwo(t);
    const folder = join(import.meta.dirname, "../../../../src/control/admin/dashboard/page");
    const files = (await readdir(folder)).filter((file) => /\.(js|css|svg)$/.test(file));
    assert.ok(files.length > 30);
    for (const file of [...files, "uplot.js", "uplot.css"])
      assert.equal((await fetch(`${adminUrl}/dashboard/${file}`)).status, 200, file);
  });

  test("comes with a policy that lets nothing in from elsewhere", limit, async (t) => {
    const { adminUrl } = await startTwo(t);
    const paths = ["/", "/dashboard/main.js", "/dashboard/base.css", "/dashboard/uplot.js"];
    for (const path of paths) {
      const answer = await fetch(adminUrl + path);
      assert.equal(answer.status, 200);
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      const text = await answer.text();
      assert.doesNotMatch(
        text.replaceAll("http://www.w3.org/2000/svg", ""),
        /["'(]https?:\/\/(?!example\.com)/,
      );
      const again = await fetch(adminUrl + path, {
        headers: { "if-none-match": answer.headers.get("etag") ?? "" },
      });
      assert.equal(again.status, 304);
    }
    const page = await (await fetch(adminUrl)).text();
    assert.doesNotMatch(page, /<script>|<style|\son\w+=|style=|javascript:/);
    assert.equal((await fetch(adminUrl, { method: "POST" })).status, 405);
    assert.equal((await fetch(`${adminUrl}/dashboard/nothing.js`)).status, 404);
  });

  test("says that the connection is lost, and goes on when the admin is back", limit, async (t) => {
    const running = await startTwo(t);
    const port = new URL(running.adminUrl).port;
    const config = { ...running.config, admin: { bind: `127.0.0.1:${port}` } };
    const { page } = await openDashboard(t, browser(), running.adminUrl);
    await rowOf(page, "good").waitFor();
    const state = page.locator("#link-state");
    assert.equal(await state.innerText(), "Live");
    await running.stop();
    await eventually(async () => (await state.innerText()).startsWith("Connection lost:"), 10_000);
    assert.match(await page.locator("#link-wait").innerText(), /^Trying again (now|in \d+ s)$/);
    assert.ok(await rowOf(page, "good").isVisible());
    await page.getByRole("button", { name: "Drain good" }).click();
    await page.getByText("The admin cannot be reached", { exact: true }).waitFor();
    await startProxy(t, config);
    await eventually(async () => (await state.innerText()) === "Live", 20_000);
    assert.equal(await page.locator("#link-wait").innerText(), "");
  });

  test("takes up a theme, and keeps it", limit, async (t) => {
    const { adminUrl } = await startTwo(t);
    const { page, assertClean } = await openDashboard(t, browser(), adminUrl);
    const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    const light = await ground();
    await page.getByLabel("Theme").selectOption("Dark");
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await ground(), dark);
    await page.getByLabel("Theme").selectOption("Auto");
    assert.equal(await ground(), light);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await ground(), dark);
    assertClean();
  });
});
