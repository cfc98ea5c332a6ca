import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { runCommandLine } from "../../src/cli/command-line.ts";
import { simulate } from "../../src/cli/simulate.ts";
import type { Teardown } from "../kit/teardown.ts";

interface Ran {
  code: number;
  out: string;
  complaints: string;
}

async function run(...args: string[]): Promise<Ran> {
  const result: Ran = { code: -1, out: "", complaints: "" };
  result.code = await runCommandLine([simulate], ["simulate", ...args], {
    env: {},
    print: (text) => void (result.out += text),
    complain: (text) => void (result.complaints += text),
  });
  return result;
}

interface Comparison {
  readonly configured?: string;
  readonly servers: readonly { name: string; weight: number; slots: number; flaw?: string }[];
  readonly requestsPerSecond: number;
  readonly utilisationRatio: number;
  readonly requests: number;
  readonly retries: number;
  readonly slowStartMs: number;
  readonly isEjecting: boolean;
  readonly notes: readonly string[];
  readonly results: readonly {
    policy: string;
    responseTimeMs: { p50: number | null; p95: number | null; p99: number | null };
    errors: number;
    attempts: number;
    elapsedMs: number;
    maxOverMean: number;
    jain: number;
    attemptsByServer: number[];
  }[];
}

/** A comparison of few requests, as JSON. */
async function compare(...args: string[]): Promise<Comparison> {
  const { code, out, complaints } = await run("--requests", "5000", ...args, "--json");
  assert.equal(code, 0, complaints);
  return JSON.parse(out) as Comparison;
}

async function write(t: Teardown, name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

const all = [
  "round-robin",
  "least-connections",
  "power-of-two",
  "response-time",
  "reported-load",
  "hash",
  "random",
];

describe("a comparison", () => {
  test("has a line for every policy, and one in the plot", async () => {
    const { code, out } = await run("--servers", "3", "--requests", "5000");
    assert.equal(code, 0);
    for (const policy of all) assert.equal(out.match(new RegExp(`^${policy} `, "gm"))?.length, 2, policy);
    assert.match(out, /^policy +p50 +p95 +p99 +errors +attempts +max\/mean +Jain$/m);
    assert.match(out, /^How to read it: /m);
  });

  test("is the same for the same seed, and another for another", async () => {
    const options = ["--servers", "4", "--requests", "3000", "--seed"];
    const [one, same, other] = [
      await run(...options, "7"),
      await run(...options, "7"),
      await run(...options, "8"),
    ];
    assert.equal(one.out, same.out);
    assert.notEqual(one.out.replace("seed 7", ""), other.out.replace("seed 8", ""));
  });

  test("is of the policies that are named only", async () => {
    const { results } = await compare(
      "--servers",
      "2",
      "--policy",
      "hash,random",
      "--policy",
      "round-robin",
      "--policy",
      "hash",
    );
    assert.deepEqual(
      results.map(({ policy }) => policy),
      ["hash", "random", "round-robin"],
    );
  });

  test("marks the best of each column, unless all are as good", async () => {
    const { out } = await run("--servers", "10", "--slow", "1×8", "--requests", "20000");
    const row = (policy: string) => out.match(new RegExp(`^${policy} +\\d.*`, "m"))?.[0] ?? "";
    assert.match(row("round-robin"), / 1\.00\* +1\.000\*$/);
    assert.doesNotMatch(row("round-robin"), /s\* .*s\*/);
    assert.match(row("response-time"), /^response-time( +[\d.]+ ms\*){3} +0 /);
  });

  test("sends all requests at the rate or the utilisation that was asked for", async () => {
    const byRate = await compare("--servers", "4", "--rate", "500/s", "--policy", "random");
    assert.equal(byRate.requestsPerSecond, 500);
    assert.ok(Math.abs((byRate.results[0]?.elapsedMs ?? 0) / 10_000 - 1) < 0.05);
    const constant = ["--latency", "constant:10ms", "--slots", "5"];
    const byShare = await compare("--servers", "4", ...constant, "--utilisation", "50%");
    assert.equal(byShare.requestsPerSecond, 1000); // 4 servers × 5 slots / 10 ms × 0.5
    assert.equal(byShare.utilisationRatio, 0.5);
  });

  test("says so when more comes than the servers can do", async () => {
    const { notes } = await compare("--servers", "2", "--slow", "1×10", "--utilisation", "0.9");
    assert.match(notes.join(" "), /can do .* requests\/s, and more come/);
  });
});

describe("models", () => {
  test("failing servers cost errors without retries, and attempts with them", async () => {
    const options = ["--servers", "4", "--failing", "1", "--ejection", "off", "--policy", "round-robin"];
    const [bare] = (await compare(...options, "--retries", "0")).results;
    const [retried] = (await compare(...options, "--retries", "1")).results;
    assert.ok(Math.abs((bare?.errors ?? 0) / 625 - 1) < 0.2, `${bare?.errors} errors`);
    assert.equal(retried?.errors, 0);
    assert.ok((retried?.attempts ?? 0) > 5500);
  });

  test("flaws go to different servers", async () => {
    const { servers } = await compare("--servers", "5", "--slow", "2x3", "--failing", "1", "--cold", "1");
    assert.deepEqual(
      servers.map(({ flaw }) => flaw?.split(" ").slice(0, 2).join(" ")),
      ["3 ×", "3 ×", "fails half", "comes up", undefined],
    );
  });

  test("a cold server needs a run that outlasts it", async () => {
    const { notes } = await compare("--servers", "2", "--cold", "1");
    assert.match(notes.join(" "), /ends after .* s, before the cold server is warm/);
  });

  test("a hot client stays with its server under hash, as far as that has room", async () => {
    const mostOf = async (hot: string) => {
      const { results } = await compare("--servers", "10", "--policy", "hash", "--hot", hot);
      return results[0]?.maxOverMean ?? Number.NaN;
    };
    const [even, skewed] = [await mostOf("0%"), await mostOf("30%")];
    assert.ok(even < 1.15 && skewed > 1.2 && skewed < 1.6, `${even}, then ${skewed}`);
  });

  test("bursts make requests wait", async () => {
    const p99 = async (burst: string) => {
      const options = ["--servers", "4", "--policy", "power-of-two", "--burst", burst];
      return (await compare(...options)).results[0]?.responseTimeMs.p99 ?? 0;
    };
    assert.ok((await p99("300")) > 2 * (await p99("1")));
  });

  for (const latency of ["exponential:5ms", "pareto:0.5ms,2.5", "lognormal:0.02s,1", "constant:3ms"]) {
    test(`servers can be ${latency}`, async () => {
      const { out } = await run("--servers", "2", "--requests", "1000", "--latency", latency);
      assert.ok(out.includes(`2 servers, ${latency};`), out);
    });
  }
});

const config = `
listeners: { web: { bind: ":8080" } }
upstreams:
  app:
    balance: least-connections
    servers:
      - { url: http://10.0.0.1:80, name: big, weight: 3 }
      - { url: http://10.0.0.2:80, name: small }
      - { url: http://10.0.0.3:80, name: drained, weight: 0 }
      - { url: http://10.0.0.4:80, name: spare, backup: true }
    retry: { attempts: 2 }
    slowStart: 10s
    queue: { size: 10 }
    health: { passive: off }
  tiny:
    servers: [{ url: http://10.0.0.5:80, maxConnections: 1 }]
routes: [{ upstream: app }]
`;

describe("an upstream of a configuration", () => {
  test("is modelled with its weights, retries, slow start and health", async (t) => {
    const file = await write(t, "config.yaml", config);
    const result = await compare("-c", file, "--upstream", "app", "--policy", "round-robin");
    assert.deepEqual(
      result.servers.map(({ name, weight, slots }) => [name, weight, slots]),
      [
        ["big", 3, 24],
        ["small", 1, 8],
        ["drained", 0, 16],
      ],
    );
    assert.equal(result.configured, "least-connections");
    assert.deepEqual([result.retries, result.slowStartMs, result.isEjecting], [2, 10_000, false]);
    assert.deepEqual(result.results[0]?.attemptsByServer, [3750, 1250, 0]);
    assert.deepEqual(result.notes, ["Of the configuration this is left out: the backup spare, the queue."]);
  });

  test("has the limits of its servers: without room requests fail", async (t) => {
    const file = await write(t, "config.yaml", config);
    const { results } = await compare("-c", file, "--upstream", "tiny", "--rate", "1000/s");
    assert.ok(results.every(({ errors }) => errors > 1000));
  });

  test("that is wrong is told with line and column", async (t) => {
    const file = await write(t, "config.yaml", config.replace("weight: 3", "wieght: 3"));
    const { code, complaints } = await run("-c", file, "--upstream", "app");
    assert.equal(code, 1);
    assert.match(complaints, /config\.yaml:7:\d+ .*unknown key, did you mean "weight"\?/);
  });

  test("must be named where there are several, and exist", async (t) => {
    const file = await write(t, "config.yaml", config);
    const unnamed = await run("-c", file);
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.complaints, /has app, tiny: say --upstream NAME/);
    assert.match((await run("-c", file, "--upstream", "ap")).complaints, /did you mean "app"\?/);
    assert.match((await run("-c", "no-such.yaml")).complaints, /Cannot read .*give --servers N/);
  });
});

/** A log of 600 requests in 6 s; `slow` takes ten times as long as `fast`, and each line ends later than the next. */
function accessLog(): string {
  const start = Date.parse("2026-01-01T00:00:00Z");
  const lines = Array.from({ length: 600 }, (_, at) => {
    const isFast = at % 2 === 0;
    return JSON.stringify({
      time: new Date(start + 10 * (599 - at)).toISOString(),
      client: `10.0.0.${at % 50}`,
      upstream: "app",
      attempts: [
        { server: "gone", outcome: "connection_refused", ms: 1 },
        { server: isFast ? "fast" : "slow", outcome: 200, ms: isFast ? 5 : 50 },
      ],
    });
  });
  return ["a line of something else", "null", ...lines, '{"time":"2026-01-01T00:0'].join("\n");
}

const logged = `
listeners: { web: { bind: ":8080" } }
upstreams: { app: { servers: [{ url: http://a, name: fast }, { url: http://b, name: slow }] } }
routes: [{ upstream: app }]
`;

describe("an access log", () => {
  test("gives the arrivals, and to each server its own times", async (t) => {
    const file = await write(t, "access.json", accessLog());
    const configured = await write(t, "config.yaml", logged);
    const { out } = await run("-c", configured, "--log", file, "--policy", "round-robin", "--json");
    const { requests, requestsPerSecond, results, notes } = JSON.parse(out) as Comparison;
    assert.equal(requests, 600);
    assert.ok(Math.abs(requestsPerSecond - 100) < 1);
    const { p50, p95 } = results[0]?.responseTimeMs ?? { p50: 0, p95: 0 };
    assert.ok(Math.abs((p50 ?? 0) - 5) < 0.2 && Math.abs((p95 ?? 0) - 50) < 2, `${p50} ${p95}`);
    assert.match(notes.join(" "), /Recorded times include/);
  });

  test("can be replayed faster, and on servers that it does not know", async (t) => {
    const file = await write(t, "access.json", accessLog());
    const { results } = await compare("--servers", "3", "--log", file, "--rate", "1000/s");
    for (const { elapsedMs } of results) assert.ok(elapsedMs > 4500 && elapsedMs < 5500, `${elapsedMs}`);
  });

  test("without requests that servers answered is refused", async (t) => {
    const empty = await write(t, "access.json", '{"time":"2026-01-01T00:00:00Z","status":404}\n');
    assert.match((await run("--servers", "3", "--log", empty)).complaints, /holds no two requests/);
    const { code, complaints } = await run("--servers", "3", "--log", "no-such.json");
    assert.equal(code, 1);
    assert.match(complaints, /^Cannot read the access log "no-such\.json"/);
  });
});

describe("a plot", () => {
  test("is an SVG with a row for each policy, for light and dark screens", async (t) => {
    const file = await write(t, "plot.svg", "");
    const { code } = await run("--servers", "60", "--requests", "6000", "--slow", "1", "--plot", file);
    assert.equal(code, 0);
    const svg = await readFile(file, "utf8");
    assert.match(svg, /^<svg [^>]*viewBox="0 0 1000 \d+"/);
    assert.match(svg, /prefers-color-scheme:dark/);
    for (const policy of all) assert.ok(svg.includes(`>${policy}</text>`), policy);
    assert.equal(svg.match(/<path class="hill"/g)?.length, all.length);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });

  test("is possible where no request was answered", async (t) => {
    const file = await write(t, "plot.svg", "");
    const one = ["--servers", "1", "--failing", "1", "--retries", "0", "--ejection", "off"];
    const { out } = await run(...one, "--requests", "1", "--seed", "2", "--plot", file);
    assert.match(out, /^random( +-){3} +100\.00%/m);
    const svg = await readFile(file, "utf8");
    assert.match(svg, /no request was answered/);
    assert.doesNotMatch(svg, /NaN|Infinity/);
  });

  test("that cannot be written is an error", async () => {
    const { code, complaints } = await run("--servers", "2", "--requests", "100", "--plot", "/no/such/a.svg");
    assert.equal(code, 1);
    assert.match(complaints, /^Cannot write the plot "\/no\/such\/a\.svg": /);
  });
});

/** A command of the guide with the table that stands below it. */
interface Example {
  readonly args: readonly string[];
  readonly table: readonly string[];
}

function readExamples(page: string): Example[] {
  const pattern = /^```sh\nheadgate simulate ([^\n]*)\n```\n\n```text\n(.*?)^```/gms;
  return [...page.matchAll(pattern)].map(([, args = "", table = ""]) => ({
    args: args
      .replace(/--plot \S+/, "")
      .trim()
      .split(/ +/),
    table: table.trimEnd().split("\n"),
  }));
}

/** The numbers of a line, times in ms; the stars left away. */
function numbersIn(line: string): number[] {
  const cells = line.matchAll(/(?<=\s)([\d.]+)( ms| s|%)?/g);
  return [...cells].map(([, number = "", unit]) => Number(number) * (unit === " s" ? 1000 : 1));
}

describe("the guide", () => {
  const root = join(import.meta.dirname, "../..");
  const page = readFileSync(join(root, "docs/balancing.md"), "utf8");
  for (const { args, table } of readExamples(page)) {
    test(`shows what "simulate ${args.join(" ")}" prints`, async () => {
      const { out } = await run(...args);
      for (const line of table.slice(1)) {
        const name = line.split(" ")[0] ?? "";
        const now = out.split("\n").find((one) => one.startsWith(`${name} `)) ?? "";
        const isAlike = numbersIn(line).every((number, at) => isNear(number, numbersIn(now)[at]));
        assert.ok(
          isAlike,
          `the page says\n${line}\nbut it is\n${now}\nRun the command anew and update the page.`,
        );
      }
    });
  }
});

/** Logarithms differ in their last digit between runtimes, and a simulation carries that on. */
function isNear(number: number, other = Number.NaN): boolean {
  return Math.abs(number - other) <= 0.1 * Math.max(number, other) + 0.01;
}

const mistakes: readonly [args: string, complaint: RegExp][] = [
  ["--servers 0", /--servers cannot be "0": give a whole number from 1 to 16384/],
  ["--servers 3 -c config.yaml", /--servers stands for a configuration/],
  ["--servers 3 --policy hahs", /no policy "hahs", did you mean "hash"\?/],
  ["--servers 3 --latency gauss:3ms", /--latency cannot be "gauss:3ms": give one such as lognormal/],
  ["--servers 3 --latency lognormal:3ms", /--latency cannot be/],
  ["--servers 3 --latency constant:0ms", /--latency cannot be/],
  ["--servers 3 --latency pareto:3ms,1", /no mean.*give --rate/],
  ["--servers 3 --utilisation 70", /--utilisation cannot be "70": give a share from 1% to 300%/],
  ["--servers 3 --rate 5 --utilisation 70%", /--rate cannot be "5": give a rate such as/],
  ["--servers 3 --rate 5/s --utilisation 70%", /--utilisation cannot stand beside --rate/],
  ["--servers 3 --slow 1×0", /--slow cannot be "1×0": give how many, and how slow/],
  ["--servers 3 --slow 2 --failing 2", /Of 3 servers 4 cannot be slow, failing or cold/],
  ["--servers 3 --ejection maybe", /--ejection cannot be "maybe": give on or off/],
  ["--servers 3 --slow-start soon", /--slow-start cannot be "soon": give a duration/],
  ["--servers 3 --seed -1", /--seed/],
  ["--servers 3 --requests many", /--requests cannot be "many"/],
];

describe("what makes no sense is refused", () => {
  for (const [args, complaint] of mistakes) {
    test(args, async () => {
      const { code, complaints, out } = await run(...args.split(" "));
      assert.equal(code, 2, out);
      assert.match(complaints, complaint);
    });
  }
});
