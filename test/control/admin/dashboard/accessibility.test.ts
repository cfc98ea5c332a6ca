import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { eventually } from "../../../kit/eventually.ts";
import { openDashboard, rowOf, shareBrowser } from "./open-dashboard.ts";
import { startTwo } from "./start-dashboard.ts";

const limit = { timeout: 60_000 };

/** The page's policy lets no checker in. */
const browser = shareBrowser({ bypassCSP: true });

let axe = "";

before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
});

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe finds wrong, with its place. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ readonly violations: readonly Finding[] }>(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}

const isTooWide = "document.documentElement.scrollWidth > innerWidth";

describe("the dashboard is usable by all", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`in ${colorScheme} colours, with everything open`, limit, async (t) => {
      const { adminUrl, ask, configure, config } = await startTwo(t);
      const { page } = await openDashboard(t, browser(), adminUrl);
      await page.emulateMedia({ colorScheme });
      await ask(9);
      await page.getByRole("button", { name: "Drain good" }).click();
      await page.getByLabel("Address", { exact: true }).fill("192.0.2.1");
      await page.getByRole("button", { name: "Ban", exact: true }).click();
      await page.getByRole("cell", { name: "set by a person" }).waitFor();
      await page.getByLabel("URL").fill("http://localhost/a");
      await page.getByRole("button", { name: "Explain" }).click();
      await page.getByText("Route “everything”").waitFor();
      await configure({ ...config, surprise: 1 });
      await page.getByRole("button", { name: "Reload" }).click();
      await page.getByText("Nothing has changed").waitFor();
      assert.deepEqual(await faultsOf(page), []);
      await page.getByRole("button", { name: "Change… moody" }).click();
      assert.deepEqual(await faultsOf(page), []);
    });
  }

  test("while it asks for the token, and refuses one", limit, async (t) => {
    const { adminUrl } = await startTwo(t, { admin: { bind: "127.0.0.1:0", token: "a-token" } });
    const { page } = await openDashboard(t, browser(), adminUrl);
    await page.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("not the admin's").waitFor();
    assert.deepEqual(await faultsOf(page), []);
  });

  test("on screens of 320 and 390 pixels, without scrolling sideways", limit, async (t) => {
    const { adminUrl } = await startTwo(t);
    const { page } = await openDashboard(t, browser(), adminUrl);
    await page.getByRole("button", { name: "Drain good" }).click();
    for (const width of [320, 390, 768, 1024, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      await page.getByText("Drained", { exact: true }).waitFor();
      // The plots follow a frame after the page.
      await eventually(async () => assert.equal(await page.evaluate(isTooWide), false, `at ${width} px`));
      await page.getByRole("button", { name: "Change… moody" }).click();
      assert.equal(await page.evaluate(isTooWide), false, `the dialog at ${width} px`);
      await page.keyboard.press("Escape");
    }
    await page.setViewportSize({ width: 390, height: 844 });
    assert.deepEqual(await faultsOf(page), []);
  });

  test("by keys alone", limit, async (t) => {
    const { adminUrl, serverNamed } = await startTwo(t);
    const { page } = await openDashboard(t, browser(), adminUrl);
    await rowOf(page, "good").waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the servers");
    await page.keyboard.press("Enter");
    const names: string[] = [];
    while (names.at(-1) !== "Drain good" && names.length < 12) {
      await page.keyboard.press("Tab");
      names.push(
        await page.evaluate<string>(
          "document.activeElement.getAttribute('aria-label') ?? document.activeElement.id",
        ),
      );
    }
    assert.equal(names.at(-1), "Drain good", names.join(", "));
    assert.match(
      await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle"),
      /solid/,
    );
    await page.keyboard.press("Enter");
    await rowOf(page, "good").getByText("Drained").waitFor();
    assert.equal((await serverNamed("good"))?.state, "draining");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await dialog.isVisible(), false);
    const focused = "document.activeElement.getAttribute('aria-label')";
    assert.equal(await page.evaluate(focused), "Change… good");
  });

  test("without motion for who wants none", limit, async (t) => {
    const { adminUrl } = await startTwo(t);
    const { page } = await openDashboard(t, browser(), adminUrl);
    const animations = "getComputedStyle(document.querySelector('#said p')).animationName";
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.getByRole("button", { name: "Drain good" }).click();
    await page.getByText("app/good is drained").waitFor();
    assert.equal(await page.evaluate(animations), "none");
    await page.emulateMedia({ reducedMotion: "no-preference" });
    assert.equal(await page.evaluate(animations), "appear");
  });
});
