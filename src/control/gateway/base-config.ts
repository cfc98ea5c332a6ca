import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { parseBind } from "../../config/bind.ts";
import { loadConfig, type LoadedConfig, parseConfigValue } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";
import { readYaml } from "../../config/yaml-source.ts";
import { describeFileFault } from "../configuration/named-files.ts";
import type { ConfigSource } from "../configuration/read-config.ts";
import type { ListenerValue, TranslatedConfig } from "./translate.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What the Gateway API says nothing about: a configuration without upstreams and routes. */
export interface BaseConfig {
  /** As it was written, with its variables replaced. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly loaded: LoadedConfig;
  /** The file's whole path and its text; both "" where there is none. */
  readonly path: string;
  readonly text: string;
}

/** Reads the base from its file; without a file everything is as by default. */
export async function readBaseConfig(
  file: string | undefined,
  env: Env,
): Promise<BaseConfig | { readonly problems: readonly Problem[] }> {
  if (file === undefined) return withoutFile();
  const text = await readText(file);
  const loaded = loadConfig(text, { file, env, purpose: "base" });
  if ("problems" in loaded) return loaded;
  const value = (readYaml(text, { file, env }).value ?? {}) as BaseConfig["value"];
  return { value, loaded, path: resolve(file), text };
}

/** Where a base comes from that is only looked at. */
export function baseSource(file: string, env: Env): ConfigSource {
  return {
    async make() {
      const base = await readBaseConfig(file, env);
      return "problems" in base ? base : { ...base, files: {} };
    },
  };
}

/** The whole configuration: the base, and what a cluster was translated to. */
export function joinConfig(base: BaseConfig, translated: TranslatedConfig): Record<string, unknown> {
  const settings = new Map(settingsByPort(base));
  const listeners = Object.entries(translated.listeners).map(([name, listener]) => {
    const { tls: _, ...own } = settings.get(portOf(listener)) ?? {};
    return [name, { ...own, ...listener, bind: own["bind"] ?? listener.bind }];
  });
  return { ...base.value, ...translated, listeners: Object.fromEntries(listeners) };
}

function withoutFile(): BaseConfig | { readonly problems: readonly Problem[] } {
  const loaded = parseConfigValue({}, "base");
  return "problems" in loaded ? loaded : { value: {}, loaded, path: "", text: "" };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`Cannot read the configuration "${file}": ${describeFileFault(error)}`, { cause: error });
  }
}

type Settings = Readonly<Record<string, unknown>>;

/** What the base says of listeners holds for the Gateway's listeners on the same ports. */
function settingsByPort({ value }: BaseConfig): (readonly [port: number, settings: Settings])[] {
  const listeners = (value["listeners"] ?? {}) as Readonly<Record<string, Settings>>;
  return Object.values(listeners).map(
    (settings) => [portOf(settings as { bind?: string }), settings] as const,
  );
}

function portOf({ bind = "" }: Pick<ListenerValue, "bind"> | { readonly bind?: string }): number {
  return parseBind(bind)?.port ?? 0;
}
