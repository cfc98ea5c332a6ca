import { host } from "../runtime/current.ts";
import { type AdminAddress, adminHelp, adminOptions, findAdmin } from "./admin-client.ts";
import type { Command, Terminal } from "./command.ts";
import { readStatus, type Status } from "./read-status.ts";
import { drawStatus } from "./status-table.ts";

/** Shows how a running proxy stands. */
export const status: Command = {
  name: "status",
  summary: "show the servers of a running proxy, with --watch live",
  help: `Usage: headgate status [--admin URL] [--watch] [--json]

Prints every upstream with its servers: state, weight, requests in flight and in all, errors and response times of the
past five minutes, reported load. A star marks what a person set in the place of what is configured.

Options:
      --watch         draw it anew every second, until Ctrl-C
      --json          print GET /api/status as it is
${adminHelp}

Examples:
  headgate status
  HEADGATE_TOKEN=… headgate status --admin http://10.0.0.5:9900 --watch
`,
  options: { ...adminOptions, watch: { type: "boolean" }, json: { type: "boolean" } },
  operands: [0, 0],
  async run(args, terminal) {
    const admin = await findAdmin(args, terminal);
    if (args.has("watch")) return watch(admin, terminal);
    const now = await readStatus(admin);
    terminal.print(args.has("json") ? `${JSON.stringify(now, undefined, 2)}\n` : drawStatus({ now }));
    return 0;
  },
};

/** Moves to the top left, and erases what stands below. */
const anew = "\u001B[H\u001B[J";

/** A proxy that is away for a moment is waited for. */
async function watch(admin: AdminAddress, { print }: Terminal): Promise<never> {
  let before: Status | undefined;
  for (;;) {
    try {
      const now = await readStatus(admin);
      print(anew + drawStatus({ now, before }));
      before = now;
    } catch (error) {
      print(`${anew}${error instanceof Error ? error.message : String(error)}\n`);
      before = undefined;
    }
    await new Promise<void>((resolve) => {
      host.time.after(1_000, resolve);
    });
  }
}
