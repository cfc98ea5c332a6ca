import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startRecordingServer } from "../../kit/record.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import { openTalk, takeBody, takeHead } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

interface Asked {
  readonly target?: string;
  readonly method?: string;
  readonly host?: string;
  readonly fields?: string;
  readonly port?: number;
}

interface Answered {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

async function ask(t: Teardown, plane: TestPlane, asked: Asked): Promise<Answered> {
  const { target = "/", method = "GET", host = "Host: a.test\r\n", fields = "", port = plane.port } = asked;
  const client = await openTalk(t, port);
  await client.write(`${method} ${target} HTTP/1.1\r\n${host}${fields}\r\n`);
  const head = await takeHead(client);
  const body = method === "HEAD" ? "" : await takeBody(client, head);
  return { status: Number(head.start.split(" ")[1]), body, location: head.get("location") };
}

const says = (body: string): object => ({ respond: { body } });

describe("A route", () => {
  test("takes what all its conditions hold for; the first in the file wins", async (t) => {
    const plane = await startPlaneFor(t, {
      listeners: { web: { bind: "127.0.0.1:0" }, other: { bind: "127.0.0.1:0" } },
      routes: [
        { path: "/*", listener: "other", ...says("listener") },
        { path: "/*", host: "b.test", ...says("host") },
        { path: "/*", host: "*.c.test", ...says("wildcard") },
        { path: "/*", methods: ["PUT"], ...says("method") },
        { path: "/*", headers: { "x-beta": "1" }, ...says("header") },
        { path: "/*", headers: { "x-re": "/^a+$/" }, ...says("pattern") },
        { path: "/*", headers: { "x-any": "*" }, ...says("present") },
        { path: "/*", query: { v: "2" }, ...says("query") },
        { path: "/*", cookies: { group: "b" }, ...says("cookie") },
        { path: "/*", clients: ["10.0.0.0/8"], ...says("never") },
        { path: "/client", clients: ["127.0.0.0/8"], ...says("client") },
        { path: "/exact", ...says("exact") },
        { path: "/items/:id", ...says("parameter") },
        { path: "/under/*", ...says("under") },
        { path: "/under/sooner", ...says("later") },
      ],
    });
    const cases: readonly (readonly [string, Asked])[] = [
      ["listener", { port: plane.ports["other"] ?? 0 }],
      ["host", { host: "Host: b.test\r\n" }],
      ["host", { host: "Host: B.Test:8080\r\n" }],
      ["host", { host: "Host: b.test.\r\n" }],
      ["wildcard", { host: "Host: x.c.test\r\n" }],
      ["wildcard", { host: "Host: y.x.c.test\r\n" }],
      ["method", { method: "PUT", fields: "Content-Length: 0\r\n" }],
      ["header", { fields: "X-Beta: 1\r\n" }],
      ["pattern", { fields: "X-Re: aaa\r\n" }],
      ["present", { fields: "X-Any: whatever\r\n" }],
      ["query", { target: "/?a=1&v=2" }],
      ["query", { target: "/?%76=2" }],
      ["cookie", { fields: "Cookie: a=1; group=b\r\n" }],
      ["client", { target: "/client" }],
      ["exact", { target: "/exact" }],
      ["parameter", { target: "/items/7" }],
      ["under", { target: "/under/sooner" }],
      ["under", { target: "/under" }],
    ];
    for (const [expected, asked] of cases) {
      assert.equal((await ask(t, plane, asked)).body, expected, JSON.stringify(asked));
    }
    const misses: readonly Asked[] = [
      {},
      { host: "Host: c.test\r\n" },
      { host: "Host: xc.test\r\n" },
      { fields: "X-Beta: 2\r\n" },
      { fields: "X-Re: ab\r\n" },
      { target: "/?v=3" },
      { fields: "Cookie: group=bb\r\n" },
      { target: "/exactly" },
      { target: "/items" },
      { target: "/underneath" },
    ];
    for (const asked of misses) assert.equal((await ask(t, plane, asked)).status, 404, JSON.stringify(asked));
  });

  test("that redirects fills in what was asked for", async (t) => {
    const plane = await startPlaneFor(t, {
      routes: [
        { path: "/old/*", redirect: { to: "https://new.test$path$query", status: 301 } },
        { path: "/*", redirect: { to: "$scheme://www.$host$path" } },
      ],
    });
    const old = await ask(t, plane, { target: "/old/a%20b?c=d" });
    assert.deepEqual([old.status, old.location], [301, "https://new.test/old/a%20b?c=d"]);
    const other = await ask(t, plane, { target: "/x?y" });
    assert.deepEqual([other.status, other.location], [308, "http://www.a.test/x"]);
    const split = await ask(t, plane, { target: "/x%0d%0aSet-Cookie:a=b" });
    assert.doesNotMatch(split.location ?? "", /[\r\n]/);
  });

  test("that responds does so with its own status and fields", async (t) => {
    const plane = await startPlaneFor(t, {
      routes: [
        { path: "/robots.txt", respond: { body: "none", headers: { "content-type": "text/x-robots" } } },
        { path: "/gone", respond: { status: 410, body: "gone" } },
        { path: "/empty", respond: { status: 204 } },
      ],
    });
    const client = await openTalk(t, plane.port);
    await client.write("GET /robots.txt HTTP/1.1\r\nHost: a.test\r\n\r\n");
    const head = await takeHead(client);
    assert.equal(head.get("content-type"), "text/x-robots");
    assert.equal(await takeBody(client, head), "none");
    assert.equal((await ask(t, plane, { target: "/gone" })).status, 410);
    assert.equal((await ask(t, plane, { target: "/robots.txt", method: "HEAD" })).status, 200);
    const lines = await plane.settled(3);
    assert.deepEqual(
      lines.map(({ bytesOut }) => bytesOut).toSorted((a, b) => a - b),
      [0, 4, 4],
    );
  });

  test("that rewrites sends the server the other path, its query untouched", async (t) => {
    const server = await startRecordingServer(t);
    const rewrites: readonly (readonly [string, object, string, string])[] = [
      ["/strip/*", { stripPrefix: "/strip" }, "/strip/a?q=1", "/a?q=1"],
      ["/strip2/*", { stripPrefix: "/strip2/" }, "/strip2", "/"],
      ["/add/*", { addPrefix: "/v1" }, "/add/a", "/v1/add/a"],
      ["/both/*", { stripPrefix: "/both", addPrefix: "/static/" }, "/both/a.png", "/static/a.png"],
      ["/re/*", { regex: { find: "^/re/(.*)", with: "/x/$1/y" } }, "/re/a/b?c", "/x/a/b/y?c"],
      ["/up/*", { stripPrefix: "/up", addPrefix: "/../../etc" }, "/up/passwd", "/etc/passwd"],
    ];
    const plane = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url] } },
      routes: rewrites.map(([path, rewrite]) => ({ path, rewrite, upstream: "app" })),
    });
    for (const [, , target, expected] of rewrites) {
      await ask(t, plane, { target });
      assert.equal(server.heads.at(-1)?.start, `GET ${expected} HTTP/1.1`);
    }
  });

  test("asks for a regular expression on the path, besides its pattern", async (t) => {
    const plane = await startPlaneFor(t, {
      routes: [
        { name: "regex", path: "/*", pathRegex: "^/v[0-9]+(?:/|$)", ...says("version") },
        { name: "rest", path: "/*", ...says("rest") },
      ],
    });
    for (const [target, body] of [
      ["/v1", "version"],
      ["/v12/a", "version"],
      ["/v", "rest"],
      ["/a/v1", "rest"],
      ["/%76%31/a", "version"], // the canonical path counts
    ] as const) {
      assert.equal((await ask(t, plane, { target })).body, body, target);
    }
  });

  for (const [drawn, body] of [
    [0, "some"],
    [0.19, "some"],
    [0.2, "rest"],
    [0.99, "rest"],
  ] as const) {
    test(`with a share of 20 % leaves a request to ${body} where chance says ${drawn}`, async (t) => {
      const routes = [
        { name: "some", share: "20%", ...says("some") },
        { name: "rest", ...says("rest") },
      ];
      const plane = await startPlaneFor(t, { routes }, { host: { random: () => drawn } });
      assert.equal((await ask(t, plane, {})).body, body);
    });
  }

  test("may have what Hono marks its own places with in its path", async (t) => {
    const plane = await startPlaneFor(t, {
      routes: [
        { path: "/@1/*", ...says("marked") },
        { path: "/:id{[0-9]+}", ...says("number") },
      ],
    });
    for (const [target, body] of [
      ["/@1", "marked"],
      ["/@1/a", "marked"],
      ["/%40%31/a", "marked"],
      ["/7", "number"],
    ] as const) {
      assert.equal((await ask(t, plane, { target })).body, body, target);
    }
  });

  test("redirects to the target that its rewrite makes", async (t) => {
    const plane = await startPlaneFor(t, {
      routes: [
        {
          path: "/old/*",
          rewrite: { stripPrefix: "/old", addPrefix: "/new" },
          redirect: { to: "https://b.test$target" },
        },
      ],
    });
    const { status, location } = await ask(t, plane, { target: "/old/a%20b?c=d" });
    assert.deepEqual([status, location], [308, "https://b.test/new/a%20b?c=d"]);
  });
});

describe("The path that is judged", () => {
  const paths: readonly (readonly [target: string, seen: string | 400])[] = [
    ["/public/a", "/public/a"],
    ["/public/../admin/x", "/admin/x"],
    ["/public/./a", "/public/a"],
    ["//admin/x", "/admin/x"],
    ["///admin//x", "/admin//x"],
    ["/public/%2e%2e/admin/x", "/admin/x"],
    ["/public/%2E%2E%2Fadmin/x", 400],
    ["/public/..%2fadmin/x", 400],
    ["/group%2Fproject", "/group%2Fproject"],
    ["/public/..;/admin", 400],
    ["/public\\..\\admin\\x", "/admin/x"],
    ["/public/%00", 400],
    ["/%61dmin/x", "/admin/x"],
    ["/a?b=../../c", "/a?b=../../c"],
    ["/a?x=//y", "/a?x=//y"],
    ["/~user/%7euser", "/~user/~user"],
  ];
  test("is the path that the server gets, whatever way it was written", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url] } },
      routes: [
        { path: "/admin/*", respond: { status: 403, body: "admin" } },
        { path: "/*", upstream: "app" },
      ],
    });
    for (const [target, seen] of paths) {
      const before = server.heads.length;
      const { status } = await ask(t, plane, { target });
      const isAdmin = typeof seen === "string" && seen.startsWith("/admin/");
      const expected = seen === 400 ? 400 : isAdmin ? 403 : 200;
      assert.equal(status, expected, target);
      if (status !== 200) assert.equal(server.heads.length, before, target);
      else assert.equal(server.heads.at(-1)?.start, `GET ${seen} HTTP/1.1`, target);
    }
  });

  test("never shows a server what the router took for another path", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url] } },
      routes: [{ path: "/*", upstream: "app" }],
    });
    for (const [target, seen] of paths) {
      if (seen === 400) continue;
      await ask(t, plane, { target });
      assert.equal(server.heads.at(-1)?.start, `GET ${seen} HTTP/1.1`, target);
    }
  });
});

describe("A request that can be read in two ways", () => {
  const requests: Readonly<Record<string, string>> = {
    "two Host lines": "GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
    "two equal Host lines": "GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n",
    "an empty Host": "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "a Host with a user": "GET / HTTP/1.1\r\nHost: user@a.test\r\n\r\n",
    "a Host with a path": "GET / HTTP/1.1\r\nHost: a.test/evil\r\n\r\n",
    "a Host with a space": "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a Host with a bad port": "GET / HTTP/1.1\r\nHost: a.test:99999\r\n\r\n",
    "two lengths": "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "a length and chunks":
      "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  for (const [kind, bytes] of Object.entries(requests)) {
    test(`(${kind}) reaches no server`, async (t) => {
      const server = await startRecordingServer(t);
      const plane = await startPlaneFor(t, {
        upstreams: { app: { servers: [server.url] } },
        routes: [{ path: "/*", upstream: "app" }],
      });
      const client = await openTalk(t, plane.port);
      await client.write(bytes);
      const head = await takeHead(client);
      assert.match(head.start, / 400 /);
      assert.equal(server.heads.length, 0);
    });
  }
});

describe("A request whose head the runtime does not show whole", () => {
  const isDeno = "Deno" in globalThis;

  test("for another host in its target than in Host reaches no server", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url] } },
      routes: [
        { path: "/*", host: "evil.test", respond: { status: 403 } },
        { path: "/*", upstream: "app" },
      ],
    });
    const { status } = await ask(t, plane, { target: "http://evil.test/x" });
    assert.equal(status, 400);
    assert.deepEqual(server.heads, []);
  });

  test(`because it has no Host ${isDeno ? "goes by the name that Deno gives it, everywhere" : "reaches no server"}`, async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url] } },
      routes: [{ path: "/*", host: isDeno ? "localhost" : "*.test", upstream: "app" }],
    });
    const { status } = await ask(t, plane, { host: "" });
    assert.equal(status, isDeno ? 200 : 400);
    assert.deepEqual(server.heads[0]?.all("host") ?? [], isDeno ? [`localhost:${plane.port}`] : []);
  });
});
