import { readFile } from "node:fs/promises";

import { convertAncestor } from "../config/convert.ts";
import { describeProblem } from "../config/problem.ts";
import { describeFileFault } from "../control/configuration/named-files.ts";
import type { Command } from "./command.ts";

/** Prints the old program's configuration in today's form. */
export const convert: Command = {
  name: "convert",
  summary: "print an old configuration (targetGroups) in today's form",
  help: `Usage: headgate convert FILE

Prints the configuration of the load balancer that Headgate succeeds, known by its targetGroups, in today's form. The old
file also runs as it is.

Examples:
  headgate convert old.yaml > config.yaml
`,
  options: {},
  operands: [1, 1],
  async run({ operands: [file = ""] }, terminal) {
    const converted = convertAncestor(await read(file), { file, env: terminal.env });
    if ("text" in converted) {
      terminal.print(converted.text);
      return 0;
    }
    terminal.complain(`${converted.problems.map(describeProblem).join("\n")}\n`);
    return 1;
  },
};

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`Cannot read "${file}": ${describeFileFault(error)}`, { cause: error });
  }
}
