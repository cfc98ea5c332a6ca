import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { loadConfig, parseConfigValue } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problem.ts";

const reference = readFileSync(new URL("./fixtures/reference.yaml", import.meta.url), "utf8");
const env = { STICKY_SECRET: "s3cret", HOSTNAME: "node-1", TEXT: "s3cret", NUMBER: "7" };

/** The problems of a text as lines, without the file's name. */
function problemsOf(text: string): string[] {
  const loaded = loadConfig(text, { file: "c.yaml", env });
  return "config" in loaded
    ? []
    : loaded.problems.map((problem) => describeProblem(problem).replace("c.yaml:", ""));
}

/** A valid file with lines of its own at the end, the first of which is line 7. */
function withLines(...lines: string[]): string {
  const valid = [
    "listeners:",
    "  web: { bind: ':0' }",
    "upstreams:",
    "  app: { servers: [http://127.0.0.1:9001] }",
    "routes:",
    "  - upstream: app",
  ];
  return [...valid, ...lines, ""].join("\n");
}

describe("the reference file", () => {
  test("is valid as a whole", () => assert.deepEqual(problemsOf(reference), []));

  test("says what is in force by default, except where it shows an example", () => {
    const shown = loadConfig(reference, { file: "c.yaml", env });
    const least = loadConfig(withLines(), { file: "c.yaml", env });
    assert.ok("config" in shown && "config" in least);
    const { workers, limits, accessLog, storage, admin, shutdown, upstreams } = shown.config;
    assert.deepEqual({ workers, limits, accessLog, storage, admin, shutdown }, pick(least.config));
    const { health, retry, hedge, timeouts, load, hostHeader, tls, queue, slowStart, balance } =
      least.config.upstreams["app"]!;
    const app = upstreams["app"]!;
    assert.deepEqual(app.health.passive, health.passive);
    assert.deepEqual(
      [
        app.retry,
        app.hedge,
        app.timeouts,
        app.load,
        app.hostHeader,
        app.tls,
        app.queue,
        app.slowStart,
        app.balance,
      ],
      [retry, hedge, timeouts, load, hostHeader, tls, queue, slowStart, balance],
    );
  });

  function pick({ workers, limits, accessLog, storage, admin, shutdown }: Record<string, unknown>) {
    return { workers, limits, accessLog, storage, admin, shutdown };
  }
});

describe("the least that runs", () => {
  test("is a listener, an upstream with a server, and a route", () =>
    assert.deepEqual(problemsOf(withLines()), []));
  test("needs no upstream where routes answer themselves", () => {
    assert.deepEqual(problemsOf("listeners: { web: { bind: ':0' } }\nroutes: [{ respond: {} }]"), []);
  });
  test("is more than nothing", () => {
    assert.deepEqual(problemsOf(""), ["1:1  cannot use an empty value: write a block of keys"]);
    assert.deepEqual(problemsOf("[1]"), ["1:1  cannot use this list: write a block of keys"]);
    assert.deepEqual(problemsOf("# nothing\n{}"), [
      "2:1  listeners  missing: write at least one listener, such as web: { bind: :8080 }",
      "2:1  routes  missing: write at least one route",
    ]);
  });
});

describe("a problem points at", () => {
  const cases: { what: string; lines: string[]; problems: string[] }[] = [
    {
      what: "an unknown key, and names the one that was meant",
      lines: ["limits:", "  bdoy: 1MiB"],
      problems: ['8:3  limits.bdoy  unknown key, did you mean "body"?'],
    },
    {
      what: "an unknown key, and lists the known ones where none is near",
      lines: ["shutdown: { colour: red }"],
      problems: ["7:13  shutdown.colour  unknown key: allowed here are grace, drain"],
    },
    {
      what: "every unknown key of a block",
      lines: ["shutdown: { drian: 1s, garce: 1s }"],
      problems: [
        '7:13  shutdown.drian  unknown key, did you mean "drain"?',
        '7:24  shutdown.garce  unknown key, did you mean "grace"?',
      ],
    },
    {
      what: "a wrong value",
      lines: ["shutdown:", "  drain:   soon"],
      problems: ['8:12  shutdown.drain  cannot use "soon": write a duration such as 250ms, 5s, 2m or 1h'],
    },
    {
      what: "a number without its unit",
      lines: ["shutdown: { drain: 30 }"],
      problems: ["7:20  shutdown.drain  cannot use 30: write a duration such as 250ms, 5s, 2m or 1h"],
    },
    {
      what: "an entry of a list",
      lines: ["compression:", "  encodings: [br, lzma]"],
      problems: ['8:19  compression.encodings[1]  cannot use "lzma": write zstd, br, gzip'],
    },
    {
      what: "the first line of the block that lacks a key",
      lines: ["cluster:", "  prefix: x"],
      problems: ["7:1  cluster.store  missing: write a URL such as redis://host:port or rediss://host:port"],
    },
    {
      what: "the entry of a list that lacks a key",
      lines: ["  - name: idle", "    path: /x"],
      problems: ["7:5  routes[1]  does nothing: write exactly one of upstream, split, redirect, respond"],
    },
    {
      what: "the key of an empty value",
      lines: ["limits:", "shutdown: { grace: }"],
      problems: [
        "7:1  limits  cannot use an empty value: write a block of keys",
        "8:13  shutdown.grace  cannot use an empty value: write a duration such as 250ms, 5s, 2m or 1h",
      ],
    },
    {
      what: "a list where a block belongs, and a block where a list belongs",
      lines: ["limits: []", "errorPages: { intercept: {} }"],
      problems: [
        "7:9  limits  cannot use this list: write a block of keys",
        "8:26  errorPages.intercept  cannot use this block: write a list",
      ],
    },
    {
      what: "a key that is no page",
      lines: ["errorPages: { 200: a.html, 4xx: a.html }"],
      problems: [
        "7:15  errorPages.200  cannot use this key: write a status from 400 to 599, 4xx, 5xx, default or intercept",
      ],
    },
    {
      what: "a variable that is not set",
      lines: ["storage: ${NOWHERE}", "limits: { exempt: [::1, '${NOBODY}'] }"],
      problems: [
        "7:10  storage  the variable NOWHERE is not set: set it, or write ${NOWHERE:-fallback}",
        "8:25  limits.exempt[1]  the variable NOBODY is not set: set it, or write ${NOBODY:-fallback}",
      ],
    },
    {
      what: "a key that stands twice, and goes on to the rest",
      lines: ["storage: a", "storage: b", "worker: 1"],
      problems: [
        "8:1  this key stands here twice: a key may be given once",
        '9:1  worker  unknown key, did you mean "workers"?',
      ],
    },
    {
      what: "a fault of the YAML itself",
      lines: ["storage: 'a"],
      problems: ["8:1  cannot read the YAML: Missing closing 'quote"],
    },
    {
      what: "a value behind an alias",
      lines: ["shutdown: { grace: &soon soon, drain: *soon }"],
      problems: [
        '7:26  shutdown.grace  cannot use "soon": write a duration such as 250ms, 5s, 2m or 1h',
        '7:39  shutdown.drain  cannot use "soon": write a duration such as 250ms, 5s, 2m or 1h',
      ],
    },
    {
      what: "a name that YAML maps cannot hold safely",
      lines: ["errorPages: { __proto__: a.html }"],
      problems: ["7:15  errorPages.__proto__  cannot use this name: it is reserved, write another"],
    },
  ];
  for (const { what, lines, problems } of cases) {
    test(what, () => assert.deepEqual(problemsOf(withLines(...lines)), problems));
  }

  test("everything at once, in the order of the file", () => {
    const text = withLines(
      "  - upstream: ap",
      "shutdown: { drain: 3 }",
      "admin: { bind: ':1' }",
      "strange: 1",
    ).replace(":0", "0");
    const places = problemsOf(text).map((line) => line.split("  ").slice(0, 2).join(" "));
    assert.deepEqual(places, [
      "2:16 listeners.web.bind",
      "7:15 routes[1].upstream",
      "8:20 shutdown.drain",
      "9:1 admin.token",
      "10:1 strange",
    ]);
  });
});

describe("anchors", () => {
  test("and merge keys work, and their problems are found where they stand", () => {
    const text = [
      "listeners: { web: { bind: ':0' } }",
      "upstreams:",
      "  a: &base",
      "    servers: [http://a]",
      "    balance: random",
      "  b:",
      "    <<: *base",
      "    balance: fair",
      "  c:",
      "    <<: [*base]",
      "    hedge: *hedge",
      "routes: [{ upstream: a }]",
    ];
    assert.equal(problemsOf(text.join("\n")).length, 1);
    const fixed = text.map((line) => line.replace("    hedge: *hedge", "").replace("fair", "hash"));
    const loaded = loadConfig(fixed.join("\n"), { file: "c.yaml", env });
    assert.ok("config" in loaded);
    assert.deepEqual(
      Object.values(loaded.config.upstreams).map(({ balance, servers }) => [balance, servers.length]),
      [
        ["random", 1],
        ["hash", 1],
        ["random", 1],
      ],
    );
    const broken = fixed.map((line) => line.replace("random", "fair"));
    assert.deepEqual(
      problemsOf(broken.join("\n")).map((line) => line.split("  ").slice(0, 2).join(" ")),
      ["5:14 upstreams.a.balance", "5:14 upstreams.c.balance"],
    );
  });

  test("that would grow without end are refused", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"]) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(", ")}]`);
    }
    const [problem, ...others] = problemsOf(bomb.join("\n"));
    assert.match(problem ?? "", /cannot follow the aliases/);
    assert.deepEqual(others, []);
    assert.ok(problemsOf("a: &a { b: *a }").length > 0);
  });
});

describe("a secret", () => {
  const secret = "hunter2";
  const texts = [
    "admin: { token: [hunter2] }",
    "admin: { token: hunter2, bind: hunter2@1 }",
    'storage: ["hunter2"',
    'storage: "a" hunter2',
    "tracing: { otlp: 'redis://me:hunter2@host' }",
    "cluster: { store: 'http:/me:hunter2@host' }",
    '  - upstream: app\n    filters: { request: [{ setHeader: { authorization: "hunter2\\n" } }] }',
    "  - upstream: ${SECRET}",
    "shutdown: { drain: 'x${SECRET}' }",
    "workers: ${SECRET}",
  ];
  for (const text of texts) {
    test(`is in no message about ${text.trim()}`, () => {
      const loaded = loadConfig(withLines(text), { file: "c.yaml", env: { SECRET: secret } });
      assert.ok("problems" in loaded);
      assert.ok(loaded.problems.length > 0);
      for (const { message } of loaded.problems) assert.doesNotMatch(message, /hunter2/);
    });
  }
});

describe("whatever the text is", () => {
  test("loading answers, and never throws", () => {
    const keys = [
      "listeners",
      "upstreams",
      "routes",
      "limits",
      "admin",
      "targetGroups",
      "errorPages",
      "<<",
      "__proto__",
    ];
    const value = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom("*a", "&a x", "${X}", "!!js x", "off", "? x", "|\n x"),
    );
    const lines = fc.array(fc.tuple(fc.constantFrom(...keys), value).map(([key, text]) => `${key}: ${text}`));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          lines.map((all) => all.join("\n")),
        ),
        (text) => {
          const loaded = loadConfig(text, { file: "c.yaml", env });
          if ("config" in loaded) return;
          assert.ok(loaded.problems.length > 0);
          for (const { line, column } of loaded.problems) assert.ok(line >= 1 && column >= 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("depth does not break it", () => {
    for (const text of ["[".repeat(8000), `a: ${"{a: ".repeat(500)}`, "- ".repeat(500)]) {
      assert.ok(problemsOf(text).length > 0);
    }
  });

  test("a text deeper than any configuration is refused for that alone, whatever it is made of", () => {
    for (const text of [`${"{a: ".repeat(300)}1${"}".repeat(300)}`, "[".repeat(102) + "]".repeat(102)])
      assert.deepEqual(problemsOf(text), ["1:1  cannot read the text: it is nested deeper than 100 levels"]);
  });

  test("a cut anywhere in the reference file is a problem or a smaller file", () => {
    for (let end = 0; end < reference.length; end += 251) problemsOf(reference.slice(0, end));
  });
});

describe("a value given to the library", () => {
  test("may have keys without a value, as objects of programs do", () => {
    const route = { respond: {}, upstream: undefined, host: undefined, limits: { ban: undefined } };
    const loaded = parseConfigValue({ routes: [route], cluster: undefined, storage: undefined });
    assert.ok("config" in loaded);
    assert.deepEqual(Object.keys(loaded.config).includes("cluster"), false);
    assert.deepEqual(loaded.config.routes[0]?.limits, {});
  });

  test("needs no listeners, and its problems have a path alone", () => {
    assert.ok("config" in parseConfigValue({ routes: [{ respond: {} }] }));
    const loaded = parseConfigValue({ routes: [{ respond: { status: 99 } }], worker: 1 });
    assert.ok("problems" in loaded);
    assert.deepEqual(loaded.problems.map(describeProblem), [
      "routes[0].respond.status  cannot use 99: write a whole number from 200 to 599",
      'worker  unknown key, did you mean "workers"?',
    ]);
  });

  test("is refused where it is none", () => {
    for (const value of [undefined, null, 1, "text", [], new Date(), () => 1]) {
      assert.ok("problems" in parseConfigValue(value));
    }
  });
});

test("a problem that somebody else finds gets its position too", () => {
  const loaded = loadConfig(withLines("errorPages: { 404: gone.html }"), { file: "c.yaml", env });
  assert.ok("config" in loaded);
  assert.equal(
    describeProblem(loaded.problemAt(["errorPages", "404"], "cannot read it")),
    "c.yaml:7:20  errorPages.404  cannot read it",
  );
  assert.equal(
    describeProblem(loaded.problemAt(["upstreams", "app", "balance"], "not built")),
    "c.yaml:4:3  upstreams.app.balance  not built",
  );
});
