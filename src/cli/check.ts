import { describeProblem } from "../config/problem.ts";
import { baseSource } from "../control/gateway/base-config.ts";
import { type ReadConfig, readConfig } from "../control/configuration/read-config.ts";
import { host } from "../runtime/current.ts";
import { type Command, configFile, configOption } from "./command.ts";

/** Finds every mistake in a configuration without running it. */
export const check: Command = {
  name: "check",
  summary: "find every mistake in a configuration, run nothing",
  help: `Usage: headgate check [-c FILE] [--gateway]

Reads the configuration and every file that it names. Exits with 0 where all is well, and otherwise with 1 and a line
for each mistake: file:line:column, the key's path, what is wrong and what is allowed. Certificates that end soon or do
not name a route's host are warnings, which leave the exit code as it is.

Options:
  -c, --config FILE   the configuration; default config.yaml
      --gateway       it is the base of what the Gateway API says: without upstreams and routes

Examples:
  headgate check -c config.yaml && systemctl reload headgate
`,
  options: { ...configOption, gateway: { type: "boolean" } },
  operands: [0, 0],
  async run(args, terminal) {
    const file = configFile(args);
    const source = args.has("gateway") ? baseSource(file, terminal.env) : { file };
    const reading = await readConfig(source, { env: terminal.env, lacks: host.lacks });
    if ("problems" in reading) {
      terminal.complain(`${reading.problems.map(describeProblem).join("\n")}\n`);
      return 1;
    }
    for (const warning of reading.warnings)
      terminal.complain(`${describeProblem({ ...warning, message: `warning: ${warning.message}` })}\n`);
    terminal.print(`${file} is valid: ${describeSize(reading)}\n`);
    return 0;
  },
};

function describeSize({ config }: ReadConfig): string {
  const servers = Object.values(config.upstreams).reduce((sum, upstream) => sum + upstream.servers.length, 0);
  const finding = Object.values(config.upstreams).filter(({ discover }) => discover !== undefined).length;
  return [
    count(Object.keys(config.listeners).length, "listener"),
    count(Object.keys(config.upstreams).length, "upstream") +
      (finding > 0 ? ` (${finding} with found servers)` : ""),
    count(servers, "server"),
    count(config.routes.length, "route"),
  ].join(", ");
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
