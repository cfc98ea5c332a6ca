import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import type { Config } from "../../src/config/config.ts";
import { parseConfigValue } from "../../src/config/load.ts";
import { configSchema } from "../../src/config/schema.ts";
import { listenerSchema } from "../../src/config/schema/listeners.ts";
import { upstreamSchema } from "../../src/config/schema/upstreams.ts";

const seconds = 1000;
const minutes = 60 * seconds;

function accept(value: object): Config {
  const loaded = parseConfigValue(value);
  assert.ok("config" in loaded, JSON.stringify(loaded));
  return loaded.config;
}

function acceptRoute(route: object): Config["routes"][number] {
  const { routes } = accept({
    upstreams: { app: { servers: ["http://a"] } },
    routes: [{ upstream: "app", ...route }],
  });
  return routes[0]!;
}

function acceptUpstream(upstream: object): Config["upstreams"][string] {
  const { upstreams } = accept({
    upstreams: { app: { servers: ["http://a"], ...upstream } },
    routes: [{ upstream: "app" }],
  });
  return upstreams["app"]!;
}

function acceptLimits(limits: object): Config["limits"] {
  return accept({ routes: [{ respond: {} }], limits }).limits;
}

describe("what is not said", () => {
  test("is at the top as the contract has it", () => {
    assert.deepEqual(v.parse(configSchema, {}), {
      workers: "auto",
      listeners: {},
      upstreams: {},
      routes: [],
      limits: {
        rate: [],
        scope: "node",
        concurrency: { perClient: 0, total: 0 },
        shed: { enabled: true, maxLag: 1 * seconds },
        body: 0,
        uri: 8192,
        headers: 16_384,
        minUploadRate: 240,
        ban: false,
        challenge: { mode: "off", difficulty: 16, ttl: 60 * minutes },
        exempt: [],
      },
      compression: false,
      errorPages: { pages: {}, intercept: [] },
      accessLog: { format: "json", output: "stdout", sample: 1 },
      storage: "headgate.db",
      admin: { bind: "127.0.0.1:9900", token: "" },
      shutdown: { grace: 0, drain: 30 * seconds },
    });
  });

  test("is in a listener as the contract has it", () => {
    const plain = { bind: ":80", http2: false, trustedProxies: [], idleTimeout: 75 * seconds };
    assert.deepEqual(v.parse(listenerSchema, { bind: ":80" }), plain);
    const tls = { certificates: [{ cert: "a.crt", key: "a.key" }] };
    assert.deepEqual(v.parse(listenerSchema, { bind: ":80", tls: { ...tls, clientAuth: { ca: "b.crt" } } }), {
      ...plain,
      http2: true,
      tls: { ...tls, minVersion: "1.2", clientAuth: { ca: "b.crt", required: true } },
    });
    assert.equal(v.parse(listenerSchema, { bind: ":80", http2: false, tls }).http2, false);
    assert.equal(v.parse(listenerSchema, { bind: ":80", http2: true }).http2, true);
  });

  test("is in an upstream as the contract has it", () => {
    assert.deepEqual(v.parse(upstreamSchema, {}), {
      balance: "power-of-two",
      hash: "client-ip",
      servers: [],
      slowStart: 0,
      queue: { size: 0, timeout: 1 * seconds },
      health: {
        passive: {
          failures: 5,
          failureRate: 0.3,
          minRequests: 20,
          window: 10 * seconds,
          status: [502, 503, 504],
          ejectFor: 30 * seconds,
          maxEjectFor: 5 * minutes,
          maxEjected: 0.5,
        },
      },
      retry: {
        attempts: 1,
        on: ["connect", "reset", "timeout", 502, 503, 504],
        methods: ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"],
        bodyLimit: 65_536,
        budget: 0.2,
        backoff: 25,
      },
      hedge: false,
      timeouts: { connect: 2 * seconds, response: 30 * seconds, idle: 60 * seconds, total: 0 },
      load: { header: "endpoint-load-metrics", expire: 3 * minutes },
      hostHeader: "preserve",
      tls: { ca: "", serverName: "", verify: true, cert: "", key: "" },
    });
  });

  test("is in blocks that are absent by default as the contract has it", () => {
    const upstream = acceptUpstream({
      sticky: {},
      health: { active: {} },
      discover: { dns: { name: "app.internal", port: 9000 } },
    });
    assert.deepEqual(upstream.sticky, { cookie: "headgate", maxAge: "session" });
    assert.deepEqual(upstream.health.active, {
      path: "/healthz",
      method: "GET",
      host: "",
      interval: 5 * seconds,
      timeout: 2 * seconds,
      rise: 2,
      fall: 3,
      status: [{ from: 200, to: 399 }],
      body: "",
    });
    assert.deepEqual(upstream.discover, {
      dns: {
        name: "app.internal",
        type: "auto",
        port: 9000,
        scheme: "http",
        interval: 10 * seconds,
        nameServers: [],
      },
      maxServers: 100,
      maxConnections: 0,
    });
    const { cluster, tracing } = accept({
      routes: [{ respond: {} }],
      cluster: { store: "redis://127.0.0.1:6379/0" },
      tracing: { otlp: "http://127.0.0.1:4318" },
    });
    assert.deepEqual(cluster, {
      store: "redis://127.0.0.1:6379/0",
      prefix: "headgate",
      interval: 1 * seconds,
      tls: { ca: "", cert: "", key: "" },
    });
    assert.deepEqual(tracing, {
      otlp: "http://127.0.0.1:4318",
      sample: 0.01,
      parent: "any",
      service: "headgate",
      headers: {},
    });
    assert.deepEqual(acceptLimits({ ban: {} }).ban, { after: 100, window: 1 * minutes, for: 10 * minutes });
    assert.deepEqual(acceptLimits({ rate: [{ key: "client-ip", rate: "600/m" }] }).rate, [
      { key: "client-ip", rate: { count: 600, perMs: 1 * minutes }, burst: 600 },
    ]);
  });

  test("is in a server and a route as the contract has it", () => {
    assert.deepEqual(acceptUpstream({}).servers, [
      { url: "http://a", name: "a:80", weight: 1, backup: false, maxConnections: 0 },
    ]);
    assert.deepEqual(acceptRoute({}), {
      name: "/*",
      path: "/*",
      upstream: "app",
      headers: {},
      query: {},
      cookies: {},
      access: { allow: [], deny: [] },
      limits: {},
      errorPages: { pages: {} },
      timeouts: {},
      filters: { request: [], response: [] },
    });
    const { routes } = accept({ routes: [{ redirect: { to: "/" } }, { path: "/a", respond: {} }] });
    assert.deepEqual(routes[0]?.redirect, { to: "/", status: 308 });
    assert.deepEqual(routes[1]?.respond, { status: 200, body: "", headers: {} });
  });
});

describe("off", () => {
  for (const off of ["off", false]) {
    test(`may be written as ${JSON.stringify(off)} everywhere`, () => {
      const config = accept({
        upstreams: { app: { servers: ["http://a"], health: { passive: off }, hedge: off } },
        routes: [{ upstream: "app", compression: off, limits: { ban: off } }],
        limits: { ban: off, challenge: { mode: off } },
        compression: off,
        accessLog: { format: off },
        storage: off,
        admin: { bind: off },
      });
      const { app } = config.upstreams as { app: Config["upstreams"][string] };
      assert.deepEqual([app.health.passive, app.hedge], [false, false]);
      assert.deepEqual([config.routes[0]?.compression, config.routes[0]?.limits.ban], [false, false]);
      assert.deepEqual([config.limits.ban, config.compression, config.storage], [false, false, false]);
      assert.deepEqual(
        [config.admin.bind, config.accessLog.format, config.limits.challenge.mode],
        [false, "off", "off"],
      );
    });
  }
});

describe("short forms", () => {
  test("stand for the long ones", () => {
    const route = acceptRoute({ host: "Example.COM:8080", methods: "GET", compression: true });
    assert.deepEqual([route.host, route.methods, route.compression], [["example.com"], ["GET"], {}]);
    assert.deepEqual(acceptRoute({ host: ["*.Example.com", "[::1]"] }).host, ["*.example.com", "[::1]"]);
    assert.deepEqual(
      acceptUpstream({ health: { active: { status: [200, "300-399"] } } }).health.active?.status,
      [
        { from: 200, to: 200 },
        { from: 300, to: 399 },
      ],
    );
    assert.deepEqual(acceptRoute({ filters: { request: [{ removeHeader: "x-a" }] } }).filters.request, [
      { removeHeader: ["x-a"] },
    ]);
    assert.equal(acceptUpstream({ hedge: "p95" }).hedge, "p95");
    assert.equal(acceptUpstream({ hedge: "50ms" }).hedge, 50);
    assert.equal(acceptUpstream({ sticky: { maxAge: "720h" } }).sticky?.maxAge, 720 * 60 * minutes);
  });

  test("of error pages: a text with < is inline, another a file, and both can be said outright", () => {
    const errorPages = {
      404: "a.html",
      "5xx": "<p>",
      500: { text: "sorry" },
      default: { file: "<.html" },
      intercept: [502],
    };
    assert.deepEqual(accept({ routes: [{ respond: {} }], errorPages }).errorPages, {
      pages: {
        404: { file: "a.html" },
        "5xx": { text: "<p>" },
        500: { text: "sorry" },
        default: { file: "<.html" },
      },
      intercept: [502],
    });
  });

  test("of compression: true means all defaults", () => {
    const { compression } = accept({ routes: [{ respond: {} }], compression: true });
    assert.ok(compression !== false);
    assert.deepEqual(
      { ...compression, types: compression.types.length },
      {
        encodings: ["zstd", "br", "gzip"],
        minSize: 1024,
        types: 6,
        level: "fast",
      },
    );
  });
});

describe("a route's own blocks", () => {
  test("hold the given keys and no others", () => {
    const route = acceptRoute({
      limits: { body: "1MiB", concurrency: { perClient: 5 } },
      timeouts: { total: "5s" },
      compression: { level: "best" },
      errorPages: { 404: "<p>" },
    });
    assert.deepEqual(route.limits, { body: 2 ** 20, concurrency: { perClient: 5, total: 0 } });
    assert.deepEqual(route.timeouts, { total: 5000 });
    assert.deepEqual(route.compression, { level: "best" });
    assert.deepEqual(route.errorPages, { pages: { 404: { text: "<p>" } } });
  });
});

test("routes without a name are called by their path, each by a name of its own", () => {
  const paths = ["/a", "/a", "/b", "/a"].map((path) => ({ path, respond: {} }));
  const { routes } = accept({ routes: [...paths, { name: "/b", path: "/c", respond: {} }] });
  assert.deepEqual(
    routes.map(({ name }) => name),
    ["/a", "/a#2", "/b#2", "/a#3", "/b"],
  );
});

test("user and password of a server's URL are kept apart from the URL", () => {
  const [server] = acceptUpstream({ servers: ["http://me:secret@a:81"] }).servers;
  assert.deepEqual(
    [server?.url, server?.name, server?.authorization],
    ["http://a:81", "a:81", "Basic bWU6c2VjcmV0"],
  );
});

describe("a header value", () => {
  const loaded = (value: string) =>
    parseConfigValue({ routes: [{ respond: { headers: { "x-a": value } } }] });
  for (const value of ["", "a\tb", "café"])
    test(`may be ${JSON.stringify(value)}`, () => assert.ok("config" in loaded(value)));
  for (const value of ["a\r\nx-b: c", "a\u0000", "a\u001b", "a\u007f", "5 €", "😀"])
    test(`cannot be ${JSON.stringify(value)}, which no field can hold`, () =>
      assert.match(JSON.stringify(loaded(value)), /a text of characters up to ÿ/));
});
