import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import playwright from "playwright-core";
import type { BrowserContext } from "playwright-core";
import type { Teardown } from "./teardown.ts";

/** Debian's; .ci/run installs it. */
const CHROMIUM = "/usr/bin/chromium";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A real browser with an empty profile. It takes `site.test` for 127.0.0.1. */
export async function openBrowser(t: Teardown, options: Options = {}): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), "headgate-browser-"));
  const context = await playwright.chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [...FLAGS, "--host-resolver-rules=MAP site.test 127.0.0.1"],
    ...options,
  });
  t.after(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });
  return context;
}

type Options = Omit<
  NonNullable<Parameters<typeof playwright.chromium.launchPersistentContext>[1]>,
  "executablePath" | "args"
>;
