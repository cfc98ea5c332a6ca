import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { openTalk, startTalkServer, takeHead } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

/** Asks as a browser does, unless the fields say otherwise. */
function visit(
  plane: TestPlane,
  path = "/",
  fields: Readonly<Record<string, string>> = browser,
): Promise<Response> {
  return fetch(plane.url + path, { headers: fields });
}

/** A server that answers everything like this. */
async function startAnswering(t: Teardown, answer: string): Promise<string> {
  const server = await startTalkServer(t, async (talk) => {
    while (!talk.isClosed()) {
      await takeHead(talk);
      await talk.write(answer);
    }
  });
  return server.url;
}

/** An address that nobody listens on. */
async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

async function writePage(t: Teardown, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-pages-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "page.html");
  await writeFile(file, text);
  return file;
}

describe("A page of the site's own", () => {
  test("stands in for the built-in one: by status, by class, and for all others", async (t) => {
    const plane = await startPlaneFor(t, {
      ...proxyTo([await deadUrl()]),
      routes: [
        { path: "/app/*", upstream: "app" },
        { path: "/blocked", respond: {}, methods: ["POST"] },
      ],
      errorPages: {
        404: "<p>no {{path}}",
        "5xx": "<p>oh {{status}} {{reason}}",
        default: "<p>other {{status}}",
      },
    });
    const lost = await visit(plane, "/nowhere");
    assert.equal(lost.status, 404);
    assert.equal(lost.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(lost.headers.get("cache-control"), "no-store");
    assert.match(lost.headers.get("proxy-status") ?? "", /error=destination_not_found/);
    assert.equal(lost.headers.get("content-security-policy"), null);
    assert.equal(await lost.text(), "<p>no /nowhere");
    const failed = await visit(plane, "/app/");
    assert.equal(failed.status, 502);
    assert.equal(await failed.text(), "<p>oh 502 Bad Gateway");
    const long = await visit(plane, `/${"a".repeat(9000)}`);
    assert.equal(long.status, 414);
    assert.equal(await long.text(), "<p>other 414");
  });

  test("is a file, with the request's own words made harmless", async (t) => {
    const file = await writePage(t, "<title>{{status}}</title>{{host}} {{path}} {{requestId}} {{message}}");
    const plane = await startPlaneFor(t, {
      ...proxyTo(["http://127.0.0.1:9"]),
      routes: [{ path: "/only", upstream: "app" }],
      errorPages: { 404: file },
    });
    const answer = await visit(plane, "/<script>'\"&");
    const id = answer.headers.get("x-request-id") ?? "";
    const text = await answer.text();
    assert.equal(text.startsWith(`<title>404</title>127.0.0.1 /`), true);
    assert.equal(text.endsWith(` ${id} There is nothing at this address`), true);
    assert.doesNotMatch(text, /<script|'|"/);
  });

  test("is for who reads HTML; programs get their problem document, and others plain text", async (t) => {
    const plane = await startPlaneFor(t, {
      ...proxyTo(["http://127.0.0.1:9"]),
      routes: [{ path: "/only", upstream: "app" }],
      errorPages: { default: "<p>page" },
    });
    const program = await visit(plane, "/", { accept: "application/json" });
    assert.equal(program.headers.get("content-type"), "application/problem+json");
    assert.equal(((await program.json()) as { status: number }).status, 404);
    const anything = await visit(plane, "/", { accept: "*/*" });
    assert.match(await anything.text(), /^404 Not Found\n/);
    const picky = await visit(plane, "/", { accept: "text/html;q=0.1, application/json;q=0.2" });
    assert.equal(picky.headers.get("content-type"), "application/problem+json");
  });

  test("answers HEAD with its length and nothing else, and is counted", async (t) => {
    const plane = await startPlaneFor(t, {
      ...proxyTo(["http://127.0.0.1:9"]),
      routes: [{ path: "/only", upstream: "app" }],
      errorPages: { default: "<p>page" },
    });
    const head = await fetch(plane.url, { method: "HEAD", headers: browser });
    assert.equal(head.headers.get("content-length"), "7");
    await visit(plane).then((answer) => answer.text());
    const lines = await plane.settled(2);
    assert.deepEqual(
      lines.map(({ bytesOut }) => bytesOut),
      [0, 7],
    );
  });

  test("of a route overrides the global one key by key", async (t) => {
    const plane = await startPlaneFor(t, {
      ...proxyTo([await deadUrl()]),
      routes: [
        { path: "/shop/*", upstream: "app", errorPages: { 502: "<p>shop" } },
        { path: "/blog/*", upstream: "app" },
      ],
      errorPages: { 502: "<p>all", default: "<p>default" },
    });
    assert.equal(await (await visit(plane, "/shop/")).text(), "<p>shop");
    assert.equal(await (await visit(plane, "/blog/")).text(), "<p>all");
    assert.equal(await (await visit(plane, "/none")).text(), "<p>default");
  });

  test("changes with a reload, and a reload with a page that cannot be used changes nothing", async (t) => {
    const file = await writePage(t, "<p>before");
    const config = {
      ...proxyTo(["http://127.0.0.1:9"]),
      routes: [{ path: "/only", upstream: "app" }],
      errorPages: { 404: file },
      listeners: { web: { bind: "127.0.0.1:0" } },
      admin: { bind: false },
      storage: false,
      workers: 1,
    };
    const proxy = await startProxy(t, config);
    const body = async (): Promise<string> => (await fetch(proxy.url, { headers: browser })).text();
    assert.equal(await body(), "<p>before");
    await writeFile(file, "<p>after");
    proxy.signal("SIGHUP");
    await eventually(async () => (await body()) === "<p>after");
    await writeFile(file, "<p>{{nonsense}}");
    proxy.signal("SIGHUP");
    await eventually(() => proxy.logs().includes("{{nonsense}}"));
    assert.equal(await body(), "<p>after");
  });
});

describe("A page that cannot be used is told when the configuration is read", () => {
  const read = async (errorPages: unknown, route: unknown = {}): Promise<string[]> => {
    const value = {
      ...proxyTo(["http://127.0.0.1:9"]),
      errorPages,
      routes: [{ path: "/*", upstream: "app", errorPages: route }],
    };
    const result = await readConfig({ value }, { env: {}, lacks: new Set() });
    return "problems" in result ? result.problems.map(({ path, message }) => `${path}  ${message}`) : [];
  };

  test("for a variable that does not exist, inline, in a file and on a route", async (t) => {
    const file = await writePage(t, "<p>{{ statuz }}{{ statuz }}");
    const allowed = "write {{status}}, {{reason}}, {{message}}, {{requestId}}, {{host}}, {{path}}";
    assert.deepEqual(await read({ 404: "<p>{{stats}}", 500: file }, { "5xx": { text: "{{x}}" } }), [
      `errorPages.404  {{stats}}, which is no variable: ${allowed}`,
      `errorPages.500  "${file}" says {{ statuz }}, which is no variable: ${allowed}`,
      `routes[0].errorPages.5xx  {{x}}, which is no variable: ${allowed}`,
    ]);
  });

  test("for a file that is not there", async () => {
    assert.match(
      (await read({ 404: "/nowhere/at/all.html" })).join(),
      /errorPages\.404 {2}cannot read .*no such file/,
    );
  });

  test("and not for what is right", async () => {
    assert.deepEqual(await read({ 404: "<p>{{status}}{{ host }}", intercept: [502] }), []);
  });
});

describe("A server's own error that the configuration intercepts", () => {
  const failing =
    'HTTP/1.1 503 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\nContent-Language: tlh\r\nETag: "a"\r\nLast-Modified: x\r\nRetry-After: 7\r\nWWW-Authenticate: Basic realm="x"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nCache-Control: max-age=60\r\nX-Other: kept\r\n\r\nsecret';

  test("is answered with our page, and with the fields that a client still needs", async (t) => {
    const plane = await startPlaneFor(t, {
      ...proxyTo([await startAnswering(t, failing)], { retry: { attempts: 0 } }),
      errorPages: { "5xx": "<p>ours {{status}} {{message}}", intercept: [503] },
    });
    const answer = await visit(plane);
    assert.equal(answer.status, 503);
    assert.equal(await answer.text(), "<p>ours 503 The site is very busy right now");
    assert.equal(answer.headers.get("retry-after"), "7");
    assert.equal(answer.headers.get("www-authenticate"), 'Basic realm="x"');
    assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(answer.headers.get("x-other"), "kept");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.match(answer.headers.get("vary") ?? "", /accept/i);
    for (const name of ["etag", "last-modified", "content-language", "proxy-status"])
      assert.equal(answer.headers.get(name), null, name);
    const [line] = await plane.settled();
    assert.equal(line?.status, 503);
    assert.equal(line?.error, undefined);
    assert.equal(plane.counts().inflight, 0);
    assert.equal(plane.counts().statuses["5xx"], 1);
    assert.equal(plane.counts().bytesOut, 0);
    assert.equal(line?.bytesOut, Buffer.byteLength("<p>ours 503 The site is very busy right now"));
  });

  test("gives programs a problem document, and shows the built-in page where there is none of the site's own", async (t) => {
    const plane = await startPlaneFor(t, {
      ...proxyTo([await startAnswering(t, failing)], { retry: { attempts: 0 } }),
      errorPages: { intercept: [503] },
    });
    const problem = (await (await visit(plane, "/a", { accept: "application/json" })).json()) as Record<
      string,
      unknown
    >;
    assert.equal(problem["status"], 503);
    assert.equal(problem["instance"], "/a");
    assert.equal("error" in problem, false);
    assert.match(
      await (await visit(plane)).text(),
      /^<!doctype html>\n<html lang="en">[^]*503 Service Unavailable/,
    );
  });

  test("frees the server's connection though its body never ends", async (t) => {
    let isClosed = false;
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.write(
        "HTTP/1.1 502 X\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n",
      );
      await talk.closed;
      isClosed = true;
    });
    const plane = await startPlaneFor(t, {
      ...proxyTo([server.url], { retry: { attempts: 0 } }),
      errorPages: { default: "<p>ours", intercept: [502] },
    });
    assert.equal(await (await visit(plane)).text(), "<p>ours");
    await eventually(() => isClosed);
    await plane.settled();
    assert.equal(plane.counts().inflight, 0);
  });

  test("is passed as it is where its status is not listed, or the route turns it off", async (t) => {
    const url = await startAnswering(t, failing);
    const plane = await startPlaneFor(t, {
      ...proxyTo([url], { retry: { attempts: 0 } }),
      routes: [
        { path: "/off/*", upstream: "app", errorPages: { intercept: [] } },
        { path: "/other/*", upstream: "app", errorPages: { intercept: [500] } },
        { path: "/*", upstream: "app" },
      ],
      errorPages: { default: "<p>ours", intercept: [503] },
    });
    assert.equal(await (await visit(plane, "/off/")).text(), "secret");
    assert.equal(await (await visit(plane, "/other/")).text(), "secret");
    assert.equal(await (await visit(plane, "/")).text(), "<p>ours");
  });

  test("is tried on another server first, where retries are configured", async (t) => {
    const good = "HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ngood";
    const plane = await startPlaneFor(t, {
      ...proxyTo([await startAnswering(t, failing), await startAnswering(t, good)]),
      errorPages: { default: "<p>ours", intercept: [503] },
    });
    for (let i = 0; i < 2; i++) assert.equal(await (await visit(plane)).text(), "good");
  });

  test("answers HEAD without a body, on a connection that goes on", async (t) => {
    const url = await startAnswering(
      t,
      "HTTP/1.1 503 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n",
    );
    const plane = await startPlaneFor(t, {
      ...proxyTo([url], { retry: { attempts: 0 } }),
      errorPages: { default: "<p>ours", intercept: [503] },
    });
    const client = await openTalk(t, plane.port);
    for (let i = 0; i < 2; i++) {
      await client.write("HEAD / HTTP/1.1\r\nHost: a.test\r\nAccept: text/html\r\n\r\n");
      const head = await takeHead(client);
      assert.equal(head.start, "HTTP/1.1 503 Service Unavailable");
      assert.equal(head.get("content-length"), "7");
    }
    assert.equal(client.text(), "");
  });
});
