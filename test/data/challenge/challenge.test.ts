import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalCounter } from "../../../src/board/refusal-reasons.ts";
import { systemTime } from "../../../src/runtime/time.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { puzzleIn, solve, solveWrongly } from "./solve.ts";

const PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
const always = { mode: "always", difficulty: 6 };
const overLimit = { mode: "over-limit", difficulty: 6 };
const twice = [{ key: "client-ip", rate: "2/h", burst: 2 }];
const ok = [{ path: "/*", respond: { body: "ok" } }];

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function ask(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Asked> {
  const response = await fetch(url, { method, headers: { accept: PAGE, ...headers } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Solves the page's challenge and gives the Cookie field that this earns. */
async function cookieFor(url: string, headers: Record<string, string> = {}): Promise<string> {
  const page = await ask(url, headers);
  const cleared = await ask(url, { ...headers, "headgate-challenge": solve(puzzleIn(page.text)) });
  assert.equal(cleared.status, 204);
  return cleared.headers.getSetCookie()[0]!.split(";")[0]!;
}

function start(t: Teardown, challenge: object, more: object = {}) {
  return startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } },
    routes: ok,
    ...more,
    limits: { challenge, ...(more as { limits?: object }).limits },
  });
}

const from = (client: string) => ({ "x-forwarded-for": client });

describe("A challenge that everybody is asked", () => {
  test("is a page of its own, which nobody keeps and which can load nothing from elsewhere", async (t) => {
    const { url, board } = await start(t, always);
    const { status, headers, text } = await ask(`${url}/a?b=<c>`);
    assert.equal(status, 429);
    assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("set-cookie"), null);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self';/,
    );
    assert.doesNotMatch(policy, /unsafe|http/);
    assert.doesNotMatch(text, /<(?:link|img|iframe|form)|src=|https?:|style="|\son\w+="/);
    assert.match(text, /<noscript>/);
    assert.equal(puzzleIn(text).difficulty, 6);
    assert.equal(board.counter(refusalCounter("challenge")), 1);
  });

  test("answers HEAD with the same fields and no body", async (t) => {
    const { url } = await start(t, always);
    const { status, headers, text } = await ask(url, {}, "HEAD");
    assert.deepEqual([status, text], [429, ""]);
    assert.ok(Number(headers.get("content-length")) > 1000);
  });

  test("is 429 with Retry-After for who could not solve it", async (t) => {
    const { url } = await start(t, always);
    for (const [method, accept] of [
      ["GET", "application/json"],
      ["GET", "*/*"],
      ["POST", PAGE],
      ["DELETE", PAGE],
    ] as const) {
      const { status, headers, text } = await ask(url, { accept }, method);
      assert.equal(status, 429);
      assert.equal(headers.get("retry-after"), "60");
      assert.doesNotMatch(text, /data-token/);
    }
  });

  test("that is solved lets every kind of request pass", async (t) => {
    const { url } = await start(t, always);
    const cookie = await cookieFor(url);
    for (const method of ["GET", "HEAD", "POST"])
      assert.equal((await ask(url, { cookie }, method)).status, 200);
    assert.equal((await ask(url, { cookie, accept: "application/json" })).status, 200);
  });

  test("that is solved gives a cookie which scripts do not see, for the time of the configuration", async (t) => {
    const { url } = await start(t, { ...always, ttl: "10m" });
    const page = await ask(url);
    const { status, headers, text } = await ask(url, { "headgate-challenge": solve(puzzleIn(page.text)) });
    assert.deepEqual([status, text], [204, ""]);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(
      headers.get("set-cookie") ?? "",
      /^headgate-clearance=[0-9a-z]+\.6\.[0-9a-z]{9}\.[\w-]{22}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  test("gives a Secure cookie to who came by https", async (t) => {
    const { url } = await start(t, always);
    const told = { ...from("192.0.2.1"), "x-forwarded-proto": "https" };
    const page = await ask(url, told);
    const cleared = await ask(url, { ...told, "headgate-challenge": solve(puzzleIn(page.text)) });
    assert.match(cleared.headers.get("set-cookie") ?? "", /; Secure; HttpOnly; SameSite=Lax$/);
  });

  test("is asked again of who brings no solution, another's, or a forged one", async (t) => {
    const { url } = await start(t, always);
    const puzzle = puzzleIn((await ask(url, from("192.0.2.1"))).text);
    const easier = { ...puzzle, token: puzzle.token.replace(".6.", ".1."), difficulty: 1 };
    for (const [client, solution] of [
      ["192.0.2.1", solveWrongly(puzzle)],
      ["192.0.2.2", solve(puzzle)],
      ["192.0.2.1", solve(easier)],
      ["192.0.2.1", "x"],
      ["192.0.2.1", "."],
      ["192.0.2.1", "a".repeat(5000)],
    ] as const) {
      const { status, headers } = await ask(url, { ...from(client), "headgate-challenge": solution });
      assert.equal(status, 429, solution);
      assert.equal(headers.get("set-cookie"), null);
    }
  });

  test("is asked again of who brings another's clearance, or a forged one", async (t) => {
    const { url } = await start(t, always);
    const cookie = await cookieFor(url, from("192.0.2.1"));
    assert.equal((await ask(url, { ...from("192.0.2.1"), cookie })).status, 200);
    assert.equal((await ask(url, { ...from("192.0.2.2"), cookie })).status, 429);
    for (const forged of [
      cookie.slice(0, -1) + (cookie.endsWith("A") ? "B" : "A"),
      cookie.replace("=", "=1"),
      cookie.replace(".6.", ".9."),
      "headgate-clearance=",
      `headgate-clearance=${puzzleIn((await ask(url, from("192.0.2.1"))).text).token}`,
    ]) {
      assert.equal((await ask(url, { ...from("192.0.2.1"), cookie: forged })).status, 429, forged);
    }
  });

  test("holds for a subscriber's whole IPv6 prefix, and for no other", async (t) => {
    const { url } = await start(t, always);
    const cookie = await cookieFor(url, from("2001:db8::1"));
    assert.equal((await ask(url, { ...from("2001:db8::ffff"), cookie })).status, 200);
    assert.equal((await ask(url, { ...from("2001:db8:0:1::1"), cookie })).status, 429);
  });

  test("is asked again when the clearance has run out, and a solution when it comes too late", async (t) => {
    let laterMs = 0;
    const host = { time: { ...systemTime, now: () => Date.now() + laterMs } };
    const config = { routes: ok, limits: { challenge: { ...always, ttl: "1m" } } };
    const { url } = await startPlaneFor(t, config, { host });
    const solution = solve(puzzleIn((await ask(url)).text));
    const cookie = await cookieFor(url);
    laterMs = 59_000;
    assert.equal((await ask(url, { cookie })).status, 200);
    laterMs = 62_000;
    assert.equal((await ask(url, { cookie })).status, 429);
    assert.equal((await ask(url, { "headgate-challenge": solution })).status, 204);
    laterMs = 31 * 60_000;
    assert.equal((await ask(url, { "headgate-challenge": solution })).status, 429);
  });

  test("can be off, or harder, on a route, and is not asked of who is exempt", async (t) => {
    const routes = [
      { path: "/open", respond: { body: "ok" }, limits: { challenge: { mode: "off" } } },
      { path: "/hard", respond: { body: "ok" }, limits: { challenge: { mode: "always", difficulty: 9 } } },
      ...ok,
    ];
    const { url } = await start(t, always, { routes, limits: { exempt: ["192.0.2.0/24"] } });
    assert.equal((await ask(`${url}/open`)).status, 200);
    assert.equal((await ask(url, from("192.0.2.9"))).status, 200);
    const cookie = await cookieFor(url);
    assert.equal((await ask(`${url}/hard`, { cookie })).status, 429);
    const harder = await cookieFor(`${url}/hard`);
    assert.equal((await ask(`${url}/hard`, { cookie: harder })).status, 200);
    assert.equal((await ask(url, { cookie: harder })).status, 200);
  });

  test("keeps its cookie and its solution from servers, on every route", async (t) => {
    const seen: (string | undefined)[] = [];
    const solutions: unknown[] = [];
    const server = await startServer(t, (request, response) => {
      seen.push(request.headers.cookie);
      solutions.push(request.headers["headgate-challenge"]);
      response.setHeader("content-type", "text/plain");
      response.end("ok");
    });
    const { upstreams } = proxyTo([server.url]);
    const routes = [
      { path: "/open", upstream: "app", limits: { challenge: { mode: "off" } } },
      { path: "/*", upstream: "app" },
    ];
    const { url } = await start(t, always, { upstreams, routes });
    const cookie = await cookieFor(url);
    await ask(url, { cookie });
    await ask(url, { cookie: `a=1; ${cookie}; b=2` });
    await ask(`${url}/open`, { cookie: `${cookie}; b=2` });
    const solution = solve(puzzleIn((await ask(url)).text));
    assert.equal((await ask(`${url}/open`, { "headgate-challenge": solution })).status, 200);
    assert.deepEqual(seen, [undefined, "a=1; b=2", "b=2", undefined]);
    assert.deepEqual(solutions, [undefined, undefined, undefined, undefined]);
  });

  test("costs nobody a place in line: it leaves nothing behind", async (t) => {
    const { url, board, faults, settled } = await start(t, always);
    for (let n = 0; n < 20; n++) await ask(url);
    await settled(20);
    assert.equal(board.exchanges(), 0);
    assert.deepEqual(faults, []);
  });
});

describe("A challenge for who asks too much", () => {
  test("is not asked of the others", async (t) => {
    const { url } = await start(t, overLimit, { limits: { rate: twice } });
    for (const client of ["192.0.2.1", "192.0.2.1", "192.0.2.2"])
      assert.equal((await ask(url, from(client))).status, 200);
    const { status, headers, text } = await ask(url, from("192.0.2.1"));
    assert.equal(status, 429);
    assert.ok(Number(headers.get("retry-after")) > 0);
    assert.match(headers.get("ratelimit") ?? "", /r=0/);
    assert.equal(puzzleIn(text).difficulty, 6);
    assert.doesNotMatch((await ask(url, { ...from("192.0.2.1"), accept: "*/*" })).text, /data-token/);
  });

  test("buys each that solves it the same allowance once more", async (t) => {
    const { url } = await start(t, overLimit, { limits: { rate: twice } });
    const statusOf = async (headers = {}) => (await ask(url, headers)).status;
    assert.deepEqual([await statusOf(), await statusOf(), await statusOf()], [200, 200, 429]);
    const [one, other] = [await cookieFor(url), await cookieFor(url)];
    for (const cookie of [one, other]) {
      assert.deepEqual([await statusOf({ cookie }), await statusOf({ cookie })], [200, 200]);
      const refused = await ask(url, { cookie });
      assert.equal(refused.status, 429);
      assert.doesNotMatch(
        refused.text,
        /data-token/,
        "who solves challenges all the time waits like everybody",
      );
    }
  });

  test("does not open a limit that all clients share", async (t) => {
    const rate = [{ key: "route", rate: "2/h", burst: 2 }];
    const { url } = await start(t, overLimit, { limits: { rate } });
    for (const status of [200, 200, 429]) {
      const answer = await ask(url);
      assert.equal(answer.status, status);
      assert.doesNotMatch(answer.text, /data-token/);
    }
  });
});
