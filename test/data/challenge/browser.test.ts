import assert from "node:assert/strict";
import process from "node:process";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { openBrowser } from "../../kit/open-browser.ts";

const site = {
  status: 200,
  body: "<!doctype html><title>The site</title><h1>You are in</h1>",
  headers: { "content-type": "text/html; charset=utf-8" },
};

/** Browsers ask for an icon by themselves. */
const routes = [
  { path: "/favicon.ico", respond: { status: 204 }, limits: { challenge: { mode: "off" } } },
  { path: "/*", respond: site },
];

function start(t: Teardown, difficulty = 10): Promise<TestPlane> {
  return startPlaneFor(t, { routes, limits: { challenge: { mode: "always", difficulty } } });
}

/** What the page and the browser complain of. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("429")) complaints.push(message.text());
  });
  return complaints;
}

const slow = { timeout: 60_000 };

describe("In a browser, a challenge", () => {
  test("solves itself and leads back to the same address", slow, async (t) => {
    const { url } = await start(t);
    const context = await openBrowser(t);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${url}/a/b?c=d#e`);
    await page.getByRole("heading", { name: "You are in" }).waitFor();
    assert.equal(page.url(), `${url}/a/b?c=d#e`);
    const [cookie, ...others] = await context.cookies();
    assert.deepEqual(others, []);
    assert.equal(cookie?.name, "headgate-clearance");
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie?.sameSite, "Lax");
    assert.equal(await page.evaluate("document.cookie"), "");
    assert.equal((await page.goto(`${url}/other`))?.status(), 200);
    assert.deepEqual(complaints, []);
  });

  test("solves itself on plain http too, where there is no WebCrypto", slow, async (t) => {
    const { port } = await start(t);
    const page = await (await openBrowser(t)).newPage();
    const complaints = complaintsOf(page);
    await page.goto(`http://site.test:${port}/`);
    await page.getByRole("heading", { name: "You are in" }).waitFor();
    assert.equal(await page.evaluate("typeof crypto.subtle"), "undefined");
    assert.deepEqual(complaints, []);
  });

  test("says what to do without JavaScript", slow, async (t) => {
    const { url } = await start(t);
    const page = await (await openBrowser(t, { javaScriptEnabled: false })).newPage();
    await page.goto(url);
    assert.ok(await page.locator("noscript p").isVisible());
    assert.equal(await page.getByRole("progressbar").isVisible(), false);
  });

  test("says so, and does not go round in circles, where cookies are not kept", slow, async (t) => {
    const { url, board } = await start(t);
    const context = await openBrowser(t);
    const page = await context.newPage();
    await page.route("**/*", async (route) => {
      const response = await route.fetch();
      const { "set-cookie": _, ...headers } = response.headers();
      await context.clearCookies();
      await route.fulfill({ response, headers });
    });
    await page.goto(url);
    await page.getByText("does not keep the cookie").waitFor();
    assert.ok(await page.getByRole("link", { name: "Try again" }).isVisible());
    assert.ok(board.exchanges() === 0);
  });

  test("shows its progress, to eyes and ears, and fits on any screen in light and dark", slow, async (t) => {
    const { url } = await start(t, 32);
    const context = await openBrowser(t);
    const page = await context.newPage();
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [320, 390, 1280]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        await page.goto(url);
        await page.getByRole("progressbar").waitFor();
        assert.match(await page.getByRole("status").innerText(), /Working on it/);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
        if (process.env["SCREENSHOTS"]) {
          await page.screenshot({
            path: `${process.env["SCREENSHOTS"]}/challenge-${colorScheme}-${width}.png`,
          });
        }
      }
    }
    const now = (): Promise<number> => page.evaluate("performance.now()");
    const before = await now();
    await page.evaluate("new Promise(requestAnimationFrame)");
    assert.ok((await now()) - before < 500, "the page hangs");
  });
});
