import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Answer } from "../../../kit/start-server.ts";
import { startPlaneFor } from "../../../kit/start-plane.ts";
import { startServer } from "../../../kit/start-server.ts";
import type { Teardown } from "../../../kit/teardown.ts";

interface Filters {
  readonly request?: readonly object[];
  readonly response?: readonly object[];
}

/** A plane whose one route has these filters, before a server that answers so. */
async function startFiltered(t: Teardown, filters: Filters, answer: Answer) {
  const server = await startServer(t, answer);
  const plane = await startPlaneFor(t, {
    upstreams: { app: { servers: [server.url] } },
    routes: [{ path: "/*", upstream: "app", filters }],
  });
  return { ...plane, server };
}

/** Answers with what came in. */
const echo: Answer = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  response.setHeader("content-type", "application/json");
  const body = Buffer.concat(chunks).toString();
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
};

interface Echo {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function echoed(url: string, init?: RequestInit): Promise<Echo> {
  const response = await fetch(url, init);
  assert.equal(response.status, 200);
  return (await response.json()) as Echo;
}

const html: Answer = (_request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end("<body>see http://internal.local/a</body>");
};

describe("filters of requests", () => {
  test("set, add and remove fields, and a client cannot strip what they set", async (t) => {
    const request = [
      { setHeader: { "x-env": "prod" } },
      { addHeader: { "x-tag": "b" } },
      { removeHeader: ["x-debug"] },
    ];
    const { url } = await startFiltered(t, { request }, echo);
    const headers = { "x-env": "mine", "x-tag": "a", "x-debug": "1", connection: "x-env" };
    const { headers: seen } = await echoed(url, { headers });
    assert.deepEqual([seen["x-env"], seen["x-tag"], seen["x-debug"]], ["prod", "a, b", undefined]);
    assert.equal(seen["x-forwarded-proto"], "http");
  });

  test("leave no other spelling of what they set or remove", async (t) => {
    const request = [{ setHeader: { "x-user": "known" } }, { removeHeader: ["x-debug"] }];
    const { url } = await startFiltered(t, { request }, echo);
    const headers = { X_User: "root", "X.User": "root", x_debug: "1", x_other: "kept" };
    const { headers: seen } = await echoed(url, { headers });
    const fields = Object.entries(seen).filter(([name]) => /user(?!-agent)|debug|other/.test(name));
    assert.deepEqual(Object.fromEntries(fields), { "x-user": "known", x_other: "kept" });
  });

  test("take back another spelling that a filter before them added", async (t) => {
    const request = [
      { addHeader: { X_User: "early" } },
      { setHeader: { "x-user": "late" } },
      { setHeader: { X_Group: "staff" } },
      { addHeader: { "x.last": "stays" } },
    ];
    const { url } = await startFiltered(t, { request }, echo);
    const { headers: seen } = await echoed(url, { headers: { "x-group": "root", "x.group": "root" } });
    const fields = Object.entries(seen).filter(([name]) => /^x.(?:user|group|last)$/.test(name));
    assert.deepEqual(Object.fromEntries(fields), { "x-user": "late", x_group: "staff", "x.last": "stays" });
  });

  test("edit the query and keep the rest as it was written", async (t) => {
    const request = [{ setQuery: { lang: "é n", new: "1" } }, { removeQuery: ["utm_source"] }];
    const { url } = await startFiltered(t, { request }, echo);
    const { url: seen } = await echoed(
      `${url}/p?a=%2B+x&utm_source=1&lang=de&b&lang=fr&utm%5Fsource=2&c=%zz`,
    );
    assert.equal(seen, "/p?a=%2B+x&lang=%C3%A9%20n&b&c=%zz&new=1");
  });

  test("are applied in order", async (t) => {
    const request = [{ setHeader: { "x-a": "1" } }, { removeHeader: "x-a" }, { addHeader: { "x-a": "2" } }];
    const { url } = await startFiltered(t, { request }, echo);
    assert.equal((await echoed(url)).headers["x-a"], "2");
  });

  test("block by path, query and header, raw and decoded", async (t) => {
    const request = [
      { block: { in: "query", find: "/union\\s+select/i" } },
      { block: { in: "path", find: "../secret", status: 404 } },
      { block: { in: "header:user-agent", find: "/^evil/", status: 451 } },
    ];
    const { url, server } = await startFiltered(t, { request }, echo);
    const status = async (path: string, headers = {}): Promise<number> =>
      (await fetch(url + path, { headers })).status;
    for (const query of ["UNION%20SELECT", "union++select", "%75nion%0aselect", "a=1&b=union%09select"]) {
      assert.equal(await status(`/?q=${query}`), 403, query);
    }
    assert.equal(await status("/a..%2fsecret"), 404);
    assert.equal(await status("/", { "user-agent": "evil/1" }), 451);
    assert.equal(server.count(), 0);
    assert.equal(await status("/?q=reunion"), 200);
  });

  test("block by body, decoded too, and pass on what they looked at", async (t) => {
    const { url, server } = await startFiltered(
      t,
      { request: [{ block: { in: "body", find: "/drop\\s+table/i" } }] },
      echo,
    );
    const send = (body: string | Uint8Array, headers = {}): Promise<Response> =>
      fetch(url, { method: "POST", body: body as string, headers });
    assert.equal((await send("x; DROP TABLE y")).status, 403);
    assert.equal((await send(gzipSync("drop  table"), { "content-encoding": "gzip" })).status, 403);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    assert.equal((await send("q=drop+%74able", form)).status, 403);
    assert.equal((await send("x", { "content-encoding": "gzip, gzip" })).status, 415);
    assert.equal(server.count(), 0);
    const large = "drop a table ".repeat(200_000);
    assert.equal(((await (await send(large)).json()) as Echo).body, large);
  });

  test("block by a body that a filter before has decoded", async (t) => {
    const request = [{ replaceBody: { find: "x", with: "" } }, { block: { in: "body", find: "evil" } }];
    const { url, server } = await startFiltered(t, { request }, echo);
    const send = (text: string): Promise<Response> =>
      fetch(url, {
        method: "POST",
        body: gzipSync(text),
        headers: { "content-type": "text/plain", "content-encoding": "gzip" },
      });
    assert.equal((await send("exvil")).status, 403);
    assert.equal((await send("evil".padEnd(100_000))).status, 403);
    assert.equal(server.count(), 0);
    assert.equal(((await (await send("good".padEnd(100_000))).json()) as Echo).body.trim(), "good");
  });

  test("replace in bodies, however long they become, and say no length", async (t) => {
    const request = [{ replaceBody: { find: "/fo+/g", with: "bar", types: ["text/plain"] } }];
    const { url } = await startFiltered(t, { request }, echo);
    const seen = await echoed(url, {
      method: "POST",
      body: "foo fooo",
      headers: { "content-type": "text/plain" },
    });
    assert.deepEqual([seen.body, seen.headers["content-length"]], ["bar bar", undefined]);
    const zipped = { "content-type": "text/plain", "content-encoding": "gzip" };
    const decoded = await echoed(url, { method: "POST", body: gzipSync("foo"), headers: zipped });
    assert.deepEqual([decoded.body, decoded.headers["content-encoding"]], ["bar", undefined]);
    const other = await echoed(url, { method: "POST", body: "foo", headers: { "content-type": "text/css" } });
    assert.deepEqual([other.body, other.headers["content-length"]], ["foo", "3"]);
  });
});

describe("filters of answers", () => {
  test("change fields and bodies, and take back what was said of the old bytes", async (t) => {
    const response = [
      { setHeader: { "x-frame-options": "DENY" } },
      { removeHeader: ["x-powered-by"] },
      { replaceBody: { find: "http://internal.local", with: "https://example.com", types: ["text/html"] } },
      { insertHtml: { before: "</body>", html: "<i></i>" } },
    ];
    const { url } = await startFiltered(t, { response }, (request, answer) => {
      answer.setHeader("etag", '"v1"');
      answer.setHeader("accept-ranges", "bytes");
      answer.setHeader("x-powered-by", "x");
      void html(request, answer);
    });
    const answer = await fetch(url);
    assert.equal(await answer.text(), "<body>see https://example.com/a<i></i></body>");
    const fields = ["x-frame-options", "x-powered-by", "etag", "accept-ranges"].map((name) =>
      answer.headers.get(name),
    );
    assert.deepEqual(fields, ["DENY", null, 'W/"v1"', null]);
  });

  test("decode what the server encodes", async (t) => {
    const { url } = await startFiltered(
      t,
      { response: [{ redactJson: { keys: ["password"], with: "***" } }] },
      (_request, response) => {
        response.setHeader("content-type", "application/json");
        response.setHeader("content-encoding", "gzip");
        response.end(gzipSync('{"password":"x"}'));
      },
    );
    const answer = await fetch(url);
    assert.equal(await answer.text(), '{"password":"***"}');
    assert.equal(answer.headers.get("content-encoding"), null);
  });

  test("leave parts of a document alone", async (t) => {
    const response = [{ replaceBody: { find: "a", with: "bb" } }];
    const { url } = await startFiltered(t, { response }, (_request, answer) => {
      answer.writeHead(206, { "content-type": "text/plain", "content-range": "bytes 0-2/9" });
      answer.end("aaa");
    });
    assert.equal(await (await fetch(url)).text(), "aaa");
  });

  test("make the server's own address ours", async (t) => {
    const { url, server } = await startFiltered(
      t,
      { response: [{ rewriteLocation: true }] },
      (request, response) => {
        const own = `http://${String(request.socket.localAddress)}:${String(request.socket.localPort)}`;
        const to = decodeURIComponent((request.url ?? "").slice(2)).replace("OWN", own);
        response.writeHead(302, { location: to, "content-location": to });
        response.end();
      },
    );
    const locationOf = async (to: string): Promise<string | null> =>
      (await fetch(`${url}/?${encodeURIComponent(to)}`, { redirect: "manual" })).headers.get("location");
    assert.equal(await locationOf("OWN/a?b=%20#c"), `${url}/a?b=%20#c`);
    assert.equal(await locationOf(`//127.0.0.1:${server.port}`), url.replace("http:", ""));
    for (const other of [
      "/a",
      "https://example.com/",
      `http://127.0.0.1.example:${server.port}/`,
      `http://127.0.0.1:${server.port}1/`,
    ]) {
      assert.equal(await locationOf(other), other);
    }
  });

  test("rewrite the attributes of cookies", async (t) => {
    const response = [{ rewriteCookies: { domain: "", path: "/app", secure: true, sameSite: "Lax" } }];
    const { url } = await startFiltered(t, { response }, (_request, answer) => {
      answer.setHeader("set-cookie", [
        "a=1; Domain=internal; path=/; HttpOnly",
        "__Host-b=2; Path=/; Secure; SameSite=None",
      ]);
      answer.end();
    });
    assert.deepEqual((await fetch(url)).headers.getSetCookie(), [
      "a=1; HttpOnly; Path=/app; Secure; SameSite=Lax",
      "__Host-b=2; Path=/; Secure; SameSite=Lax",
    ]);
  });

  test("show a client that a body broke off", async (t) => {
    const { url } = await startFiltered(
      t,
      { response: [{ replaceBody: { find: "aa", with: "b" } }] },
      (_request, response) => {
        response.writeHead(200, { "content-type": "text/plain", "content-length": "1000000" });
        response.write("aaa");
        setTimeout(() => response.destroy(), 50);
      },
    );
    await assert.rejects(async () => (await fetch(url)).text());
  });

  test("of one route do not touch another that has the same servers", async (t) => {
    const server = await startServer(t, html);
    const filters = { response: [{ replaceBody: { find: "see", with: "look at" } }] };
    const { url } = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url] } },
      routes: [
        { path: "/a", upstream: "app", filters },
        { path: "/*", upstream: "app" },
      ],
    });
    assert.match(await (await fetch(`${url}/a`)).text(), /look at/);
    assert.match(await (await fetch(`${url}/b`)).text(), /see/);
  });
});

describe("a filter of the user's own", () => {
  async function startModule(t: Teardown, code: string, answer: Answer = echo) {
    const directory = await mkdtemp(join(tmpdir(), "headgate-filter-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, "tag.ts");
    await writeFile(file, code);
    return startFiltered(t, { request: [{ module: file }], response: [{ module: file }] }, answer);
  }

  test("changes requests and answers in place", async (t) => {
    const { url } = await startModule(
      t,
      `export default {
        request(request: Request, exchange: { client: string; route: string }) { request.headers.set("x-client", exchange.client + exchange.route); },
        response(response: Response, { upstream }: { upstream: string }) { response.headers.set("x-upstream", upstream); },
      };`,
    );
    const answer = await fetch(`${url}/p`, { method: "POST", body: "hello" });
    assert.equal(answer.headers.get("x-upstream"), "app");
    const seen = (await answer.json()) as Echo;
    assert.deepEqual(
      [seen.headers["x-client"], seen.body, seen.headers["content-length"]],
      ["127.0.0.1/*", "hello", "5"],
    );
  });

  test("gives other requests, answers and bodies", async (t) => {
    const { url } = await startModule(
      t,
      `const upper = () => new TransformStream<Uint8Array, Uint8Array>({ transform(chunk, to) { to.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())); } });
      export default {
        request: (request: Request) => request.url.endsWith("/own") ? new Response("mine", { status: 418 }) : new Request(request.url + "?x=1", { method: request.method, headers: request.headers, body: "other" }),
        response: (response: Response) => new Response(response.body!.pipeThrough(upper()), { status: 201, headers: response.headers }),
      };`,
    );
    const own = await fetch(`${url}/own`);
    assert.deepEqual([own.status, await own.text()], [418, "mine"]);
    const answer = await fetch(`${url}/p`, { method: "POST", body: "hello" });
    assert.equal(answer.status, 201);
    const text = await answer.text();
    assert.match(text, /"URL":"\/P\?X=1"/);
    assert.match(text, /"BODY":"OTHER"/);
  });

  const broken: readonly (readonly [what: string, code: string])[] = [
    ["throws at a request", 'export default { request() { throw new Error("my secret"); } };'],
    ["throws at an answer", 'export default { async response() { throw new Error("my secret"); } };'],
    [
      "sets a header that cannot be sent",
      'export default { request(request: Request) { request.headers.set("x-a", "my secret\\u007f"); } };',
    ],
    [
      "answers with a header that cannot be sent",
      'export default { request: () => new Response("my own", { headers: { "x-a": "my secret\\u0001" } }) };',
    ],
    ["answers with no status", "export default { request: () => Response.error() };"],
    [
      "answers with a body that it has read",
      'export default { async request() { const own = new Response("my secret"); await own.text(); return own; } };',
    ],
    [
      "sets a header of an answer that cannot be sent",
      'export default { response(response: Response) { response.headers.set("x-a", "my secret\\u0001"); } };',
    ],
    ["gives something else", 'export default { response: () => "my secret" };'],
  ];
  for (const [what, code] of broken) {
    test(`that ${what} costs that exchange: 502, and its name in the log only`, async (t) => {
      const { url, faults } = await startModule(t, code);
      const answer = await fetch(url);
      const text = await answer.text();
      assert.equal(answer.status, 502);
      assert.doesNotMatch(text + JSON.stringify([...answer.headers]), /secret|tag\.ts/);
      assert.match(faults.join("\n"), /tag\.ts/);
      assert.equal((await fetch(url)).status, 502);
    });
  }

  for (const [what, code] of [
    ["no filter", "export default 1;"],
    ["no code", "export default {"],
    ["empty", "export default {};"],
  ]) {
    test(`that is ${what} is refused by its name`, async (t) => {
      await assert.rejects(startModule(t, code ?? ""), /tag\.ts/);
    });
  }
});
