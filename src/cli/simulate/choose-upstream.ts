import { readFile } from "node:fs/promises";

import type { UpstreamConfig } from "../../config/config.ts";
import { didYouMean } from "../../config/did-you-mean.ts";
import { loadConfig, parseConfigValue } from "../../config/load.ts";
import { ConfigError } from "../../control/configuration/config-error.ts";
import { describeFileFault } from "../../control/configuration/named-files.ts";
import { type Arguments, configFile, type Terminal, UsageError } from "../command.ts";
import { parseCount } from "./parse-values.ts";

/** The upstream that is simulated. */
export interface ChosenUpstream {
  /** Its name in the configuration; undefined where it is invented. */
  readonly name: string | undefined;
  readonly config: UpstreamConfig;
}

const mostServers = 16_384;

/** The upstream that the configuration and the options name, or so many equal servers. */
export async function chooseUpstream(args: Arguments, { env }: Terminal): Promise<ChosenUpstream> {
  const count = parseCount(args, "servers", { min: 1, max: mostServers });
  if (count === undefined) return fromConfig(args, env);
  if (args.text("config") !== undefined || args.text("upstream") !== undefined)
    throw new UsageError("--servers stands for a configuration: leave out --config and --upstream");
  return { name: undefined, config: inventUpstream(count) };
}

/** Equal servers, and everything else as it is by default. */
function inventUpstream(count: number): UpstreamConfig {
  const loaded = parseConfigValue({
    upstreams: { invented: { servers: ["http://server-1"] } },
    routes: [{ upstream: "invented" }],
  });
  if ("problems" in loaded) throw new ConfigError(loaded.problems);
  const { invented } = loaded.config.upstreams as Record<"invented", UpstreamConfig>;
  const servers = Array.from({ length: count }, (_, at) => ({
    ...(invented.servers[0] as UpstreamConfig["servers"][number]),
    name: `server-${at + 1}`,
  }));
  return { ...invented, servers };
}

/** Files that the configuration names are not looked at, so that it can be tried out anywhere. */
async function fromConfig(args: Arguments, env: Terminal["env"]): Promise<ChosenUpstream> {
  const file = configFile(args);
  const loaded = loadConfig(await read(file), { file, env });
  if ("problems" in loaded) throw new ConfigError(loaded.problems);
  const { upstreams } = loaded.config;
  const name = args.text("upstream") ?? onlyName(Object.keys(upstreams), file);
  const config = Object.hasOwn(upstreams, name) ? upstreams[name] : undefined;
  if (config === undefined) throw new UsageError(describeUnknown(name, Object.keys(upstreams), file));
  if (!config.servers.some(({ weight, backup }) => weight > 0 && !backup))
    throw new Error(`Cannot simulate "${name}": it lists no server that takes requests; give --servers N`);
  return { name, config };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = describeFileFault(error);
    throw new Error(`Cannot read the configuration "${file}": ${reason}; without one, give --servers N`, {
      cause: error,
    });
  }
}

function onlyName(names: readonly string[], file: string): string {
  const [name, ...others] = names;
  if (name === undefined) throw new Error(`Cannot simulate "${file}": it has no upstream; give --servers N`);
  if (others.length > 0) throw new UsageError(`"${file}" has ${names.join(", ")}: say --upstream NAME`);
  return name;
}

function describeUnknown(name: string, known: readonly string[], file: string): string {
  const near = didYouMean(name, known);
  const hint = near === undefined ? `: it has ${known.join(", ")}` : `, did you mean "${near}"?`;
  return `"${file}" has no upstream "${name}"${hint}`;
}
