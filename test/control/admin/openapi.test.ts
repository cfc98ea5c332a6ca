import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";

import * as answers from "../../../src/control/admin/answers.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
}

async function start(t: Teardown) {
  const server = await startServer(t);
  const proxy = await startProxy(t, {
    upstreams: { app: { servers: [{ name: "a", url: server.url }] } },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  });
  await (await fetch(proxy.url)).text();
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(proxy.adminUrl + path, init);
    return { status: answer.status, body: await answer.json() };
  };
  return { ...proxy, ask };
}

describe("the description of the API", () => {
  test("tells the truth of every answer", limit, async (t) => {
    const { ask } = await start(t);
    const body = JSON.stringify({ weight: 2, state: "drain" });
    const wrong = JSON.stringify({ weight: -1 });
    const url = "/api/upstreams/app/servers/a";
    const question = JSON.stringify({ method: "GET", url: "http://localhost/x" });
    const order = JSON.stringify({ client: "192.0.2.7", forMs: 60_000 });
    const asked: readonly [v.GenericSchema, string, RequestInit?][] = [
      [answers.changedServerAnswer, url, { method: "PATCH", body }],
      [answers.statusAnswer, "/api/status"],
      [answers.historyAnswer, "/api/history?upstream=app"],
      [answers.banAnswer, "/api/bans", { method: "POST", body: order }],
      [answers.bansAnswer, "/api/bans"],
      [answers.reloadAnswer, "/api/reload", { method: "POST" }],
      [answers.explanationAnswer, "/api/explain", { method: "POST", body: question }],
      [answers.refusedAnswer, url, { method: "PATCH", body: wrong }],
      [answers.errorAnswer, `${url}b`, { method: "PATCH", body }],
      [answers.changedServerAnswer, url, { method: "DELETE" }],
    ];
    for (const [schema, path, init] of asked) {
      const { body: answer } = await ask(path, init);
      const { issues } = v.safeParse(schema, answer);
      assert.deepEqual(
        issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`),
        undefined,
        path,
      );
    }
  });

  test("has every endpoint, and no other", limit, async (t) => {
    const { ask } = await start(t);
    const { openapi, paths } = (await ask("/api/openapi.json")).body as Described;
    assert.equal(openapi, "3.1.0");
    const wanted = ["/livez", "/readyz", "/metrics", "/api/events", "/api/config"].concat(
      ["/api/status", "/api/history", "/api/reload", "/api/explain", "/api/openapi.json"],
      ["/api/upstreams/{upstream}/servers/{server}", "/api/bans", "/api/bans/{client}"],
    );
    assert.deepEqual(Object.keys(paths).toSorted(), wanted.toSorted());
    for (const [path, methods] of Object.entries(paths)) {
      const real = path.replaceAll(/\{(\w+)\}/g, "x");
      const { status } = await ask(real, { method: "PUT" });
      assert.equal(status, 405, path);
      for (const { responses } of Object.values(methods)) assert.ok(Object.keys(responses).length > 0);
    }
  });
});
