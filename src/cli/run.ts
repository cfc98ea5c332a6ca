import { start } from "../control/start.ts";
import { host } from "../runtime/current.ts";
import { catchStrayErrors } from "../runtime/stray-errors.ts";
import { liftRequestCap } from "../runtime/re-exec.ts";
import { type Command, configFile, configOption } from "./command.ts";
import { stayUntilStopped } from "./stay.ts";
import { createTerminalLog } from "./terminal-log.ts";

/** Starts the proxy and stays until it is told to stop. */
export const run: Command = {
  name: "run",
  summary: "start the proxy (the default command)",
  help: `Usage: headgate [run] [-c FILE] [--watch] [--last-good]

Starts the proxy and stays until SIGTERM or SIGINT: then it says no to readiness probes, lets requests end and exits
with 0; a second signal ends it at once. SIGHUP reloads the configuration and opens the access log anew. An invalid
configuration changes nothing and is told in the log.

Options:
  -c, --config FILE   the configuration; default config.yaml
      --watch         reload whenever the configuration, or a file that it names, changes
      --last-good     where the configuration cannot be used, start by the one that ran last, which the storage keeps;
                      the log, the status and the metrics say so

Examples:
  headgate
  headgate run -c /etc/headgate/config.yaml --watch
`,
  options: { ...configOption, watch: { type: "boolean" }, "last-good": { type: "boolean" } },
  operands: [0, 0],
  async run(args, terminal) {
    liftRequestCap();
    const log = createTerminalLog(terminal);
    catchStrayErrors((reason) => log.error("an error that nobody caught", { reason }));
    const options = {
      host,
      log,
      env: terminal.env,
      watch: args.has("watch"),
      lastGood: args.has("last-good"),
    };
    return stayUntilStopped(start({ file: configFile(args) }, options));
  },
};
