import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { openBrowser } from "../../../kit/open-browser.ts";
import type { Teardown } from "../../../kit/teardown.ts";

/** A page of the dashboard, and what went wrong on it. */
export interface Dashboard {
  readonly page: Page;
  /** Throws where something was written to the console as an error, or another host was asked. */
  readonly assertClean: () => void;
}

/** One browser for all tests of a file. */
export function shareBrowser(options: Parameters<typeof openBrowser>[1] = {}): () => BrowserContext {
  const ends: (() => unknown)[] = [];
  let context: BrowserContext | undefined;
  before(async () => {
    context = await openBrowser({ after: (run) => void ends.push(run) }, options);
  });
  after(async () => {
    for (const end of ends) await end();
  });
  return () => {
    assert.ok(context, "the browser is not open yet");
    return context;
  };
}

/** Opens the dashboard of an admin; the page closes with the test. */
export async function openDashboard(
  t: Teardown,
  context: BrowserContext,
  adminUrl: string,
): Promise<Dashboard> {
  const page = await context.newPage();
  t.after(() => page.close());
  const complaints = complaintsOf(page);
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  await page.goto(adminUrl);
  const assertClean = () => {
    assert.deepEqual(complaints, []);
    assert.deepEqual([...hosts], [new URL(adminUrl).origin]);
  };
  return { page, assertClean };
}

/** What the page and the browser complain of; an answer that says no is no complaint of ours. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const isAnswer = /status of (401|404|422)/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isAnswer) complaints.push(message.text());
  });
  return complaints;
}

/** The row of a server in the tables. */
export function rowOf(page: Page, server: string) {
  return page.locator("table.servers tbody tr").filter({ has: page.getByText(server, { exact: true }) });
}

/** Sends requests, one after the other, until the test or the proxy ends. */
export function keepAsking(t: Teardown, url: string): void {
  const end = new AbortController();
  t.after(() => end.abort());
  void askUntil(end.signal, url);
}

async function askUntil(signal: AbortSignal, url: string): Promise<void> {
  try {
    for (;;) await (await fetch(url, { signal })).text();
  } catch {
    // The end: what was asked of the proxy is looked at on the page.
  }
}
