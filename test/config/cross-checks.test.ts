import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadConfig, parseConfigValue } from "../../src/config/load.ts";
import { formatPath } from "../../src/config/problem.ts";

const valid = {
  listeners: { web: { bind: ":80" }, other: { bind: ":81" } },
  upstreams: { app: { servers: ["http://a:1", "http://b:1"] }, canary: { servers: ["http://c:1"] } },
  routes: [{ upstream: "app" }],
};

/** The problems of the valid value with some of its keys replaced. */
function problemsOf(change: object): string[] {
  const loaded = parseConfigValue({ ...valid, ...change });
  return "config" in loaded ? [] : loaded.problems.map(({ path, message }) => `${path}: ${message}`);
}

function route(...routes: object[]): { routes: object[] } {
  return { routes };
}

function upstream(app: object): { upstreams: object } {
  return { upstreams: { app } };
}

const oneAction = "write exactly one of upstream, split, redirect, respond";

type Case = { readonly what: string; readonly change: object; readonly problems: string[] };

const names: Case[] = [
  {
    what: "an upstream that nobody has",
    change: route({ upstream: "ap" }),
    problems: ['routes[0].upstream: no upstream is called "ap", did you mean "app"?'],
  },
  {
    what: "a listener that nobody has, in a list too",
    change: route({ upstream: "app", listener: "site" }, { upstream: "app", listener: ["web", "site"] }),
    problems: [
      'routes[0].listener: no listener is called "site": listeners are web, other',
      'routes[1].listener[1]: no listener is called "site": listeners are web, other',
    ],
  },
  {
    what: "a split and a mirror that lead nowhere",
    change: route({ split: { app: 1, canry: 1 } }, { upstream: "app", mirror: { upstream: "shadow" } }),
    problems: [
      'routes[0].split.canry: no upstream is called "canry", did you mean "canary"?',
      'routes[1].mirror.upstream: no upstream is called "shadow": upstreams are app, canary',
    ],
  },
  {
    what: "an upstream where there is none at all",
    change: { upstreams: {} },
    problems: ['routes[0].upstream: no upstream is called "app": there are no upstreams'],
  },
  {
    what: "two routes of the same given name",
    change: route({ name: "a", upstream: "app" }, { name: "a", upstream: "app" }),
    problems: ['routes[1].name: cannot use "a" twice: routes[0] has this name; write another'],
  },
  {
    what: "two servers of the same name",
    change: upstream({ servers: ["http://a:1", { url: "https://a:1" }, { url: "http://b", name: "a:1" }] }),
    problems: [
      'upstreams.app.servers[1].url: cannot use "https://a:1": servers[0] has the same name; write a name of its own',
      'upstreams.app.servers[2].name: cannot use "a:1": servers[0] has the same name; write a name of its own',
    ],
  },
];

const actions: Case[] = [
  {
    what: "a route that does nothing",
    change: route({}),
    problems: [`routes[0]: does nothing: ${oneAction}`],
  },
  {
    what: "a route that does two things",
    change: route({ upstream: "app", redirect: { to: "/" }, respond: {} }),
    problems: [
      `routes[0].redirect: cannot stand beside upstream: ${oneAction}`,
      `routes[0].respond: cannot stand beside upstream: ${oneAction}`,
    ],
  },
  {
    what: "a split without any weight",
    change: route({ split: { app: 0 } }, { split: {} }),
    problems: [0, 1].map(
      (index) => `routes[${index}].split: sends nowhere: write at least one upstream with a weight over 0`,
    ),
  },
  {
    what: "no route at all",
    change: { routes: [] },
    problems: ["routes: missing: write at least one route"],
  },
];

const addresses: Case[] = [
  {
    what: "an address that two listeners have",
    change: { listeners: { a: { bind: ":80" }, b: { bind: ":80" }, c: { bind: ":0" }, d: { bind: ":0" } } },
    problems: [
      'listeners.b.bind: cannot bind ":80" twice: the listener "a" has it; write another address or port',
    ],
  },
  {
    what: "an address that a listener and the admin have",
    change: { admin: { bind: ":81", token: "t" } },
    problems: [
      'admin.bind: cannot bind ":81" twice: the listener "other" has it; write another address or port',
    ],
  },
  {
    what: "an admin that others can reach without a token",
    change: { admin: { bind: ":9900" } },
    problems: [
      "admin.token: missing: write a token, because others can reach the admin's address; or bind 127.0.0.1",
    ],
  },
  {
    what: "an upstream without servers",
    change: upstream({ balance: "random" }),
    problems: ["upstreams.app.servers: missing: write at least one server, or discover"],
  },
  {
    what: "an upstream that discovers nothing",
    change: upstream({ discover: {} }),
    problems: ["upstreams.app.discover: discovers nothing: write dns, kubernetes or both"],
  },
  {
    what: "a certificate without its key",
    change: upstream({ servers: ["https://a"], tls: { cert: "a.crt" } }),
    problems: ["upstreams.app.tls.key: missing: write cert and key, or neither"],
  },
  {
    what: "limits of a cluster without one",
    change: { limits: { scope: "cluster" }, ...route({ upstream: "app", limits: { scope: "cluster" } }) },
    problems: ["limits.scope", "routes[0].limits.scope"].map(
      (path) => `${path}: cannot use "cluster" without a cluster: write node, or add the block cluster`,
    ),
  },
];

describe("the base of what the Gateway API adds", () => {
  const load = (text: string) => loadConfig(text, { file: "", env: {}, purpose: "base" });

  test("needs neither listeners nor routes", () => {
    for (const text of ["workers: 2", 'listeners: { web: { bind: ":80", idleTimeout: 5s } }'])
      assert.ok("config" in load(text), text);
  });

  test("may not hold what would be thrown away", () => {
    const loaded = load("upstreams: { a: { servers: [http://a:1] } }\nroutes: [{ upstream: a }]");
    const problems = "problems" in loaded ? loaded.problems.map(({ path }) => path) : [];
    assert.deepEqual(problems, ["upstreams", "routes"]);
  });
});

describe("refused is", () => {
  for (const { what, change, problems } of [...names, ...actions, ...addresses]) {
    test(what, () => assert.deepEqual(problemsOf(change), problems));
  }
});

describe("accepted is", () => {
  const accepted: Record<string, object> = {
    "what all refusals start from": {},
    "an admin that only this machine reaches": { admin: { bind: "[::1]:9900" } },
    "an admin that is off": { admin: { bind: "off" } },
    "an admin with a token": { admin: { bind: ":9900", token: "t" } },
    "an upstream that only discovers": upstream({
      discover: { kubernetes: { service: "shop/app", port: "http" } },
    }),
    "an empty list of servers beside discovery": upstream({
      servers: [],
      discover: { dns: { name: "a", port: 1 } },
    }),
    "a cluster's limits in a cluster": { limits: { scope: "cluster" }, cluster: { store: "redis://a" } },
    "the same server in two upstreams": {
      upstreams: { app: { servers: ["http://a"] }, canary: { servers: ["http://a"] } },
    },
  };
  for (const [what, change] of Object.entries(accepted)) {
    test(what, () => assert.deepEqual(problemsOf(change), []));
  }
});

describe("a value is refused where it", () => {
  const wrong: Record<string, [path: string, change: object]> = {
    "is no method": ["routes[0].methods", route({ upstream: "app", methods: "FETCH" })],
    "is no condition": ["routes[0].methods", route({ upstream: "app", methods: [] })],
    "matches no client": ["routes[0].clients", route({ upstream: "app", clients: [] })],
    "is no network": [
      "routes[0].access.deny[0]",
      route({ upstream: "app", access: { deny: ["10.0.0.0/33"] } }),
    ],
    "is no host": ["routes[0].host", route({ upstream: "app", host: "a.*.b" })],
    "is no regular expression": [
      "routes[0].headers.x-a",
      route({ upstream: "app", headers: { "x-a": "/(/" } }),
    ],
    "is no rewriting one": [
      "routes[0].rewrite.regex.find",
      route({ upstream: "app", rewrite: { regex: { find: "(", with: "" } } }),
    ],
    "is no filtering one": [
      "routes[0].filters.request[0].block.find",
      route({ upstream: "app", filters: { request: [{ block: { in: "path", find: "/a/q" } }] } }),
    ],
    "names two filters": [
      "routes[0].filters.request[0]",
      route({ upstream: "app", filters: { request: [{ setQuery: {}, removeQuery: ["a"] }] } }),
    ],
    "names no filter": [
      "routes[0].filters.response[0]",
      route({ upstream: "app", filters: { response: [{}] } }),
    ],
    "names a filter of the other side": [
      "routes[0].filters.response[0].block",
      route({ upstream: "app", filters: { response: [{ block: {} }] } }),
    ],
    "is no header name": ["routes[0].respond.headers.a b", route({ respond: { headers: { "a b": "1" } } })],
    "is no header value": [
      "routes[0].respond.headers.a",
      route({ respond: { headers: { a: "1\r\nb: 2" } } }),
    ],
    "is a body that its status cannot have": [
      "routes[0].respond",
      route({ respond: { status: 204, body: "x" } }),
    ],
    "is no redirection": ["routes[0].redirect.status", route({ redirect: { to: "/", status: 304 } })],
    "is no cookie name": [
      "upstreams.app.sticky.cookie",
      upstream({ servers: ["http://a"], sticky: { cookie: "a;b" } }),
    ],
    "is an empty secret": [
      "upstreams.app.sticky.secrets[0]",
      upstream({ servers: ["http://a"], sticky: { secrets: [""] } }),
    ],
    "is no source": ["upstreams.app.hash", upstream({ servers: ["http://a"], hash: "header:" })],
    "is no policy": ["upstreams.app.balance", upstream({ servers: ["http://a"], balance: "fair" })],
    "is too heavy": [
      "upstreams.app.servers[0].weight",
      upstream({ servers: [{ url: "http://a", weight: 257 }] }),
    ],
    "is half a weight": [
      "upstreams.app.servers[0].weight",
      upstream({ servers: [{ url: "http://a", weight: 0.5 }] }),
    ],
    "is a URL with a path": ["upstreams.app.servers[0]", upstream({ servers: ["http://a/b"] })],
    "is a name with a slash": [
      "upstreams.a/b",
      { upstreams: { ...valid.upstreams, "a/b": { servers: ["http://a"] } } },
    ],
    "is longer than timers run": ["shutdown.drain", { shutdown: { drain: "600h" } }],
    "is no time at all": ["limits.shed.maxLag", { limits: { shed: { maxLag: "0s" } } }],
    "is no rate": ["limits.rate[0].rate", { limits: { rate: [{ key: "route", rate: "0/s" }] } }],
    "is no key of a limit": ["limits.rate[0].key", { limits: { rate: [{ key: "path", rate: "1/s" }] } }],
    "bans in a route": ["routes[0].limits.ban", route({ upstream: "app", limits: { ban: {} } })],
    "is no store": ["cluster.store", { cluster: { store: "http://a" } }],
    "is a range the wrong way": [
      "upstreams.app.health.active.status",
      upstream({ servers: ["http://a"], health: { active: { status: "399-200" } } }),
    ],
  };
  for (const [what, [path, change]] of Object.entries(wrong)) {
    test(what, () => {
      const loaded = parseConfigValue({ ...valid, ...change });
      assert.ok("problems" in loaded);
      const expected =
        path.includes(" ") || path.includes("/") ? formatPath(path.split(".").flatMap(toParts)) : path;
      assert.deepEqual([...new Set(loaded.problems.map((problem) => problem.path))], [expected]);
    });
  }

  function toParts(part: string): (string | number)[] {
    const [, name = part, index] = /^(.*)\[(\d+)\]$/.exec(part) ?? [];
    return index === undefined ? [name] : [name, Number(index)];
  }
});
