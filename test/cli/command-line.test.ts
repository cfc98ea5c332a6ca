import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Arguments, type Command, UsageError } from "../../src/cli/command.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";

interface Ran {
  code: number;
  out: string;
  complaints: string;
  ran: { name: string; args: Arguments }[];
}

async function type(...args: string[]): Promise<Ran> {
  const result: Ran = { code: -1, out: "", complaints: "", ran: [] };
  const make = (name: string, summary?: string): Command => ({
    name,
    ...(summary === undefined ? {} : { summary }),
    help: `Usage: headgate ${name}\n`,
    options: {
      config: { type: "string", short: "c" },
      watch: { type: "boolean" },
      header: { type: "string", short: "H", multiple: true },
    },
    operands: name === "explain" ? [2, 2] : [0, 0],
    async run(parsed) {
      if (parsed.text("config") === "broken") throw new Error("Cannot read it");
      if (parsed.text("config") === "odd") throw new UsageError("That is odd");
      result.ran.push({ name, args: parsed });
      return 0;
    },
  });
  const commands = [make("run", "start"), make("explain", "say why"), make("toy-server")];
  result.code = await runCommandLine(commands, args, {
    env: {},
    print: (text) => void (result.out += text),
    complain: (text) => void (result.complaints += text),
  });
  return result;
}

describe("command line", () => {
  test("runs `run` where no command is named", async () => {
    const { ran } = await type("-c", "a.yaml", "--watch");
    assert.deepEqual(
      ran.map(({ name, args }) => [name, args.text("config"), args.has("watch")]),
      [["run", "a.yaml", true]],
    );
  });

  test("hands over arguments and repeated options", async () => {
    const { ran } = await type("explain", "GET", "/", "-H", "a: b", "-H", "c: d");
    assert.deepEqual(ran[0]?.args.operands, ["GET", "/"]);
    assert.deepEqual(ran[0]?.args.texts("header"), ["a: b", "c: d"]);
  });

  const mistakes: readonly [args: string[], complaint: RegExp][] = [
    [["rnu"], /no command "rnu", did you mean "run"\?/],
    [["toy-servr"], /no command "toy-servr"\n/],
    [["--wtach"], /"run" has no option --wtach, did you mean --watch\?/],
    [["run", "-x"], /"run" has no option -x/],
    [["run", "-c"], /-c needs a value/],
    [["run", "--watch=yes"], /--watch takes no value/],
    [["run", "file"], /"run" does not know what to do with "file"/],
    [["explain", "GET"], /"explain" needs more: headgate explain/],
    [["run", "-c", "odd"], /That is odd/],
  ];
  for (const [args, complaint] of mistakes) {
    test(`refuses "${args.join(" ")}" with exit code 2`, async () => {
      const { code, complaints, ran } = await type(...args);
      assert.equal(code, 2);
      assert.match(complaints, complaint);
      assert.deepEqual(ran, []);
    });
  }

  test("tells a failure in one line and exits with 1", async () => {
    const { code, complaints } = await type("run", "-c", "broken");
    assert.equal(code, 1);
    assert.equal(complaints, "Cannot read it\n");
  });

  test("--help names every command but the hidden ones", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { code, out } = await type(...args);
      assert.equal(code, 0);
      assert.match(out, /run\s+start/);
      assert.doesNotMatch(out, /toy-server/);
    }
  });

  test("COMMAND --help says more about a command, whatever else is there", async () => {
    for (const args of [
      ["explain", "--help"],
      ["help", "explain"],
      ["explain", "-h", "GET"],
    ]) {
      assert.match((await type(...args)).out, /^Usage: headgate explain/);
    }
  });

  test("--version prints the version", async () => {
    assert.match((await type("--version")).out, /^headgate \d+\.\d+\.\d+\n$/);
  });
});
