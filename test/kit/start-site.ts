import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import { createAuthority, type TestAuthority, type TestCertificate } from "./certificates.ts";
import { eventually } from "./eventually.ts";
import { startProxy, type RunningProxy } from "./start-proxy.ts";
import type { Teardown } from "./teardown.ts";

/** A proxy with one TLS listener whose certificate can be replaced. */
export interface Site {
  readonly authority: TestAuthority;
  readonly proxy: RunningProxy;
  readonly old: TestCertificate;
  readonly fresh: TestCertificate;
  /** Puts a pair in the place of the one that is served. */
  readonly put: (pair: TestCertificate) => Promise<void>;
}

/** Starts it; unless the configuration says otherwise it answers everything with `hi`. */
export async function startSite(t: Teardown, config: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  const authority = await createAuthority(t);
  const [old, fresh] = [await authority.issue("old"), await authority.issue("fresh")];
  const [cert, key] = [join(authority.directory, "site.crt"), join(authority.directory, "site.key")];
  const put = async (pair: TestCertificate): Promise<void> => {
    await copyFile(pair.keyFile, key);
    await copyFile(pair.certFile, cert);
  };
  await put(old);
  const proxy = await startProxy(t, {
    listeners: { secure: { bind: "127.0.0.1:0", tls: { certificates: [{ cert, key }] } } },
    routes: [{ path: "/*", respond: { body: "hi" } }],
    ...config,
  });
  return { authority, proxy, old, fresh, put };
}

/** Waits until so many replacements were logged. */
export async function swapped(proxy: RunningProxy, times: number): Promise<void> {
  await eventually(() => (proxy.logs().match(/certificates replaced/g) ?? []).length === times, 15_000);
}
