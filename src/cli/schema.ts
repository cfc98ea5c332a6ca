import { toConfigJsonSchema } from "../config/json-schema.ts";
import type { Command } from "./command.ts";

/** Prints the JSON Schema of the configuration file. */
export const schema: Command = {
  name: "schema",
  summary: "print the JSON Schema of the configuration, for editors",
  help: `Usage: headgate schema

Prints the JSON Schema of the configuration file. An editor with a YAML language server completes and checks a file whose
first line is
  # yaml-language-server: $schema=./config.schema.json

Examples:
  headgate schema > config.schema.json
`,
  options: {},
  operands: [0, 0],
  async run(_args, terminal) {
    terminal.print(`${JSON.stringify(toConfigJsonSchema(), undefined, 2)}\n`);
    return 0;
  },
};
