import type { Config, ServerConfig } from "../../../config/config.ts";
import type { LoadedConfig } from "../../../config/load.ts";
import type { ServerValue } from "./backends.ts";
import type { TranslatedConfig } from "../translate.ts";

/** The configuration with a server in every upstream that stands for those that are there. */
export function withoutServers(config: TranslatedConfig): TranslatedConfig {
  const upstreams = Object.entries(config.upstreams).map(
    ([name, upstream]) => [name, { ...upstream, servers: [placeholder] }] as const,
  );
  return { ...config, upstreams: Object.fromEntries(upstreams) };
}

/** A configuration that was checked without its servers, with them: they are addresses and cannot be wrong. */
export function fillServers(loaded: LoadedConfig, { upstreams }: TranslatedConfig): LoadedConfig {
  const filled = Object.entries(loaded.config.upstreams).map(([name, upstream]) => {
    const servers = (upstreams[name]?.servers ?? []).map(toServerConfig);
    return [name, { ...upstream, servers }] as const;
  });
  const config: Config = { ...loaded.config, upstreams: Object.fromEntries(filled) };
  return { ...loaded, config };
}

const placeholder: ServerValue = { url: "http://192.0.2.1:1", name: "placeholder", weight: 1 };

function toServerConfig({ url, name, weight }: ServerValue): ServerConfig {
  const { protocol, host } = new URL(url);
  return { name, url: `${protocol}//${host}`, weight, backup: false, maxConnections: 0 };
}
