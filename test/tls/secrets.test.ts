import assert from "node:assert/strict";
import { test } from "node:test";

import { startSite } from "../kit/start-site.ts";

const limit = { timeout: 30_000 };

test(
  "the admin tells when the certificates end, and no key is in anything that is told",
  limit,
  async (t) => {
    const { proxy, old } = await startSite(t);
    const [status, config] = await Promise.all(
      ["/api/status", "/api/config"].map(async (path) => (await fetch(`${proxy.adminUrl}${path}`)).text()),
    );
    const { listeners } = JSON.parse(status ?? "") as { listeners: Readonly<Record<string, unknown>>[] };
    const [secure = {}] = listeners;
    assert.equal(secure["tls"], true);
    const daysLeft = (Number(secure["certificatesEndAt"]) - Date.now()) / 86_400_000;
    assert.ok(daysLeft > 29 && daysLeft <= 30, `${daysLeft} days`);
    assert.match(proxy.logs(), / info listening listener=secure url=https:\/\/127/);
    const secret = (old.key.split("\n")[1] ?? "").slice(8, 40);
    for (const told of [status, config, proxy.logs(), proxy.output()])
      assert.ok(!told?.includes(secret), "a key is told");
  },
);
