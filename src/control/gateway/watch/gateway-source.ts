import { isDeepStrictEqual } from "node:util";

import { parseBind } from "../../../config/bind.ts";
import type { LoadedConfig } from "../../../config/load.ts";
import { parseConfigValue } from "../../../config/load.ts";
import type { Problem } from "../../../config/problem.ts";
import type { Host } from "../../../runtime/host.ts";
import { findBindFaults, type WantedBind } from "../../port-check.ts";
import type { MadeConfig } from "../../configuration/read-config.ts";
import { addressesOf } from "../addresses.ts";
import { type BaseConfig, joinConfig, readBaseConfig } from "../base-config.ts";
import type { Cluster } from "./cluster.ts";
import { noteLookups } from "../lookups.ts";
import { keyOf } from "../objects.ts";
import { fillServers, withoutServers } from "../routes/servers-apart.ts";
import {
  onlyRoute,
  translate,
  type TranslatedConfig,
  type Translation,
  withoutRoutes,
} from "../translate.ts";

/** What configurations are made from. */
export interface GatewaySourceOptions {
  readonly host: Pick<Host, "lacks">;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name of the GatewayClass that is served. */
  readonly className: string;
  /** The file of the base, if there is one. */
  readonly file: string | undefined;
  readonly cluster: () => Cluster;
  /** `namespace/name` of the Service whose address is the Gateways' own. */
  readonly service: string | undefined;
  /** The ports that are open already. */
  readonly openPorts: () => ReadonlySet<number>;
}

/** A configuration and the translation that it holds. */
export interface Made {
  readonly config: MadeConfig;
  readonly cluster: Cluster;
  /** Whether the same would come of another state of the cluster. */
  readonly readsAlike: (later: Cluster) => boolean;
  readonly translation: Translation;
}

/** What is wrong with the base. */
export interface Problems {
  readonly problems: readonly Problem[];
}

/** The configuration without its servers, as it was last checked: servers change every minute, and the rest hardly. */
interface Checked {
  readonly wanted: unknown;
  readonly loaded: LoadedConfig;
  /** The routes that had to be left out, and why. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Makes configurations of what a cluster wants. */
export class GatewaySource {
  readonly #options: GatewaySourceOptions;
  #checked: Checked | undefined;

  constructor(options: GatewaySourceOptions) {
    this.#options = options;
  }

  /**
   * Makes the configuration that is wanted now, such that it can run: ports that cannot be opened are left out, and routes
   * that nobody foresaw to be unusable, and their conditions say so.
   */
  async make(): Promise<Made | Problems> {
    const { file, env } = this.#options;
    const base = await readBaseConfig(file, env);
    if ("problems" in base) return base;
    const { cluster, readsAlike } = noteLookups(this.#options.cluster());
    const wanted = this.#translate(cluster, new Map());
    const refused = await findRefusedPorts(base, wanted.config, this.#options.openPorts());
    const possible = refused.size === 0 ? wanted : this.#translate(cluster, refused);
    const checked = this.#check(base, possible);
    if ("problems" in checked) return checked;
    const translation = checked.reasons.size === 0 ? possible : withoutRoutes(possible, checked.reasons);
    const loaded = fillServers(checked.loaded, translation.config);
    const { path, text } = base;
    const config = { loaded, files: translation.files, path, text };
    return { config, cluster, readsAlike, translation };
  }

  #translate(cluster: Cluster, refusedPorts: ReadonlyMap<number, string>): Translation {
    const { className, host, service } = this.#options;
    const hasManyCertificates = !host.lacks.has("several-certificates");
    const addresses = addressesOf(cluster, service);
    return translate(cluster, { className, refusedPorts, hasManyCertificates, addresses });
  }

  #check(base: BaseConfig, translation: Translation): Checked | Problems {
    const wanted = joinConfig(base, withoutServers(translation.config));
    if (this.#checked && isDeepStrictEqual(this.#checked.wanted, wanted)) return this.#checked;
    const found = checkAll(base, translation);
    if ("problems" in found) return found;
    this.#checked = { ...found, wanted };
    return this.#checked;
  }
}

/**
 * One object shall not keep all others from being served: where the whole is not valid, each route is looked at alone, and
 * those that are at fault are left out.
 */
function checkAll(base: BaseConfig, translation: Translation): Omit<Checked, "wanted"> | Problems {
  const all = load(base, translation.config);
  if (!("problems" in all)) return { loaded: all, reasons: new Map() };
  const reasons = new Map(
    translation.routes.flatMap((plan) => {
      const alone = load(base, onlyRoute(translation, plan).config);
      return "problems" in alone ? [[keyOf(plan.route), describe(alone)] as const] : [];
    }),
  );
  const rest = load(base, withoutRoutes(translation, reasons).config);
  return "problems" in rest ? rest : { loaded: rest, reasons };
}

function load(base: BaseConfig, config: TranslatedConfig): LoadedConfig | Problems {
  return parseConfigValue(joinConfig(base, withoutServers(config)), "gateway");
}

function describe({ problems }: Problems): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
}

/** Ports that cannot be opened, and why; those that are open already are ours. */
async function findRefusedPorts(
  base: BaseConfig,
  config: TranslatedConfig,
  open: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  const refused = new Map<number, string>();
  const { listeners } = joinConfig(base, config) as {
    readonly listeners: Readonly<Record<string, { readonly bind: string }>>;
  };
  for (const [name, { bind: text }] of Object.entries(listeners)) {
    const bind = parseBind(text);
    if (bind === undefined || open.has(bind.port)) continue;
    const reason = await whyNot({ owner: `listeners.${name}`, bind }, base);
    if (reason !== undefined) refused.set(bind.port, reason);
  }
  return refused;
}

async function whyNot(wanted: WantedBind, { loaded }: BaseConfig): Promise<string | undefined> {
  const { port } = wanted.bind;
  const { bind } = loaded.config.admin;
  const admin = bind === false ? undefined : parseBind(bind);
  if (port === admin?.port) return `Cannot listen on port ${port}: the admin has it`;
  const [fault] = await findBindFaults([wanted]);
  return fault?.message;
}
