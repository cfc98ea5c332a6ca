import { describeProblem, type Problem } from "../config/problem.ts";
import { adminHelp, adminOptions, askAdmin, findAdmin } from "./admin-client.ts";
import type { Command, Terminal } from "./command.ts";

/** Makes a running Headgate read its configuration anew. */
export const reload: Command = {
  name: "reload",
  summary: "make a running proxy read its configuration anew",
  help: `Usage: headgate reload [--admin URL]

Makes the running proxy read its configuration anew, as SIGHUP does, and prints what has changed. Where the configuration
is not valid nothing changes, every mistake is printed, and the exit code is 1.

Options:
${adminHelp}

Examples:
  headgate reload
  HEADGATE_TOKEN=… headgate reload --admin http://10.0.0.5:9900
`,
  options: adminOptions,
  operands: [0, 0],
  async run(args, terminal) {
    const admin = await findAdmin(args, terminal);
    const response = await askAdmin(admin, "/api/reload", { method: "POST" });
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (response.ok) return tellChanges(answer.changes ?? [], terminal);
    if (response.status !== 422)
      throw new Error(`Cannot reload: ${answer.error ?? `status ${response.status}`}`);
    return tellErrors(answer.errors ?? [], terminal);
  },
};

interface Answer {
  readonly changes?: readonly string[];
  readonly errors?: readonly Problem[];
  readonly error?: string;
}

function tellChanges(changes: readonly string[], { print }: Terminal): number {
  print(changes.length === 0 ? "reloaded: nothing has changed\n" : `reloaded: ${changes.join(", ")}\n`);
  return 0;
}

function tellErrors(errors: readonly Problem[], { complain }: Terminal): number {
  const lines = errors.map(describeProblem);
  complain(`${["Cannot reload: the configuration before it goes on", ...lines].join("\n")}\n`);
  return 1;
}
