import { adminHelp, adminOptions } from "./admin-client.ts";
import type { Command } from "./command.ts";
import { orderByName } from "./server-order.ts";

/** Takes a server out without cutting anything. */
export const drain: Command = {
  name: "drain",
  summary: "send a server of a running proxy no new sessions",
  help: `Usage: headgate drain SERVER [--admin URL]

Sends a server no new sessions: requests that are under way end, and clients with a sticky session keep it. It stays so,
over restarts too, until "headgate undrain". SERVER is upstream/server, or a bare name where only one server bears it.

Options:
${adminHelp}

Examples:
  headgate drain app/web1
  HEADGATE_TOKEN=… headgate drain web1 --admin http://10.0.0.5:9900
`,
  options: adminOptions,
  operands: [1, 1],
  async run(args, terminal) {
    terminal.print(await orderByName(args, terminal, "drain"));
    return 0;
  },
};
