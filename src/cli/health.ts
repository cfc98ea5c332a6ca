import { adminHelp, adminOptions, askAdmin, findAdmin } from "./admin-client.ts";
import type { Command } from "./command.ts";

/** Asks a running Headgate whether it is ready. */
export const health: Command = {
  name: "health",
  summary: "exit with 0 when a running proxy is ready",
  help: `Usage: headgate health [--admin URL]

Exits with 0 when the proxy is ready for traffic, and with 1 when it is starting, stopping or away: for health checks of
containers and for keepalived.

Options:
${adminHelp}

Examples:
  headgate health
  headgate health --admin http://127.0.0.1:9900
`,
  options: adminOptions,
  operands: [0, 0],
  async run(args, terminal) {
    const admin = await findAdmin(args, terminal);
    const response = await askAdmin(admin, "/readyz");
    await response.body?.cancel();
    terminal.print(response.ok ? "ready\n" : "not ready\n");
    return response.ok ? 0 : 1;
  },
};
