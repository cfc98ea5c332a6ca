import { type GatewayOptions, openGateway } from "../control/gateway/start-gateway.ts";
import { start } from "../control/start.ts";
import { host } from "../runtime/current.ts";
import { catchStrayErrors } from "../runtime/stray-errors.ts";
import { type Arguments, type Command, configFile, configOption, UsageError } from "./command.ts";
import { stayUntilStopped } from "./stay.ts";
import { createTerminalLog } from "./terminal-log.ts";

/** Starts the proxy and stays until it is told to stop. */
export const run: Command = {
  name: "run",
  summary: "start the proxy (the default command)",
  help: `Usage: headgate [run] [-c FILE] [--watch] [--last-good]
       headgate run --gateway-class NAME [-c FILE] [--watch] [--gateway-service NAMESPACE/NAME]

Starts the proxy and stays until SIGTERM or SIGINT: then it says no to readiness probes, lets requests end and exits
with 0; a second signal ends it at once. SIGHUP reloads the configuration and opens the access log anew. An invalid
configuration changes nothing and is told in the log.

Options:
  -c, --config FILE   the configuration; default config.yaml
      --watch         reload whenever the configuration, or a file that it names, changes
      --last-good     where the configuration cannot be used, start by the one that ran last, which the storage keeps;
                      the log, the status and the metrics say so

In Kubernetes, as an implementation of the Gateway API:
      --gateway-class NAME      serve the Gateways of this class: listeners and routes come from the cluster, and a
                                configuration is needed only for the rest
      --gateway-service NAMESPACE/NAME
                                the Service in front of us, whose address the Gateways are told to have

Examples:
  headgate
  headgate run -c /etc/headgate/config.yaml --watch
  headgate run --gateway-class headgate --gateway-service headgate/headgate
`,
  options: {
    ...configOption,
    watch: { type: "boolean" },
    "last-good": { type: "boolean" },
    "gateway-class": { type: "string" },
    "gateway-service": { type: "string" },
  },
  operands: [0, 0],
  async run(args, terminal) {
    const log = createTerminalLog(terminal);
    catchStrayErrors((reason) => log.error("an error that nobody caught", { reason }));
    const options = {
      host,
      log,
      env: terminal.env,
      watch: args.has("watch"),
      lastGood: args.has("last-good"),
    };
    const className = args.text("gateway-class");
    if (className !== undefined)
      return runGateway({ ...options, className, ...gatewayOptions(args, options) });
    if (args.text("gateway-service") !== undefined)
      throw new UsageError("--gateway-service needs --gateway-class");
    return stayUntilStopped(start({ file: configFile(args) }, options));
  },
};

async function runGateway(options: GatewayOptions): Promise<number> {
  const gateway = await openGateway(options);
  return stayUntilStopped(gateway.start(), () => gateway.stop());
}

function gatewayOptions(
  args: Arguments,
  { env }: Pick<GatewayOptions, "env">,
): Pick<GatewayOptions, "file" | "service" | "identity"> {
  const service = args.text("gateway-service");
  if (service !== undefined && !/^[^/]+\/[^/]+$/.test(service)) {
    throw new UsageError(`--gateway-service "${service}" is no NAMESPACE/NAME`);
  }
  return { file: args.text("config"), service, identity: nodeName(env) };
}

/** The pod's name, where it is known; two processes of one name would both believe to hold a lease. */
function nodeName(env: GatewayOptions["env"]): string {
  return env["POD_NAME"] ?? `${env["HOSTNAME"] ?? "headgate"}-${crypto.randomUUID().slice(0, 8)}`;
}
