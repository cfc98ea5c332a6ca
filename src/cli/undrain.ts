import { adminHelp, adminOptions } from "./admin-client.ts";
import type { Command } from "./command.ts";
import { orderByName } from "./server-order.ts";

/** Gives a drained server new sessions again. */
export const undrain: Command = {
  name: "undrain",
  summary: "give a drained server of a running proxy new sessions again",
  help: `Usage: headgate undrain SERVER [--admin URL]

Takes a drain (or a "down" that the dashboard set) back: health checks alone decide again. A weight that was set stays.
SERVER is upstream/server, or a bare name where only one server bears it.

Options:
${adminHelp}

Examples:
  headgate undrain app/web1
`,
  options: adminOptions,
  operands: [1, 1],
  async run(args, terminal) {
    terminal.print(await orderByName(args, terminal, "up"));
    return 0;
  },
};
