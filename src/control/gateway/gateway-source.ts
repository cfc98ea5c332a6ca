import { parseBind } from "../../config/bind.ts";
import { parseConfigValue } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";
import type { Host } from "../../runtime/host.ts";
import { findBindFaults, type WantedBind } from "../port-check.ts";
import type { MadeConfig } from "../read-config.ts";
import { type BaseConfig, joinConfig, readBaseConfig } from "./base-config.ts";
import type { Cluster } from "./cluster.ts";
import { keyOf } from "./objects.ts";
import { onlyRoute, translate, type Translation, withoutRoutes } from "./translate.ts";

/** What configurations are made from. */
export interface GatewaySourceOptions {
  readonly host: Pick<Host, "lacks">;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name of the GatewayClass that is served. */
  readonly className: string;
  /** The file of the base, if there is one. */
  readonly file: string | undefined;
  readonly cluster: () => Cluster;
  /** The ports that are open already. */
  readonly openPorts: () => ReadonlySet<number>;
}

/** A configuration and the translation that it holds. */
export interface Made {
  readonly config: MadeConfig;
  readonly cluster: Cluster;
  readonly translation: Translation;
}

/**
 * Makes the configuration that a cluster wants, such that it can run: ports that cannot be opened are left out, and routes
 * that nobody foresaw to be unusable, and their conditions say so.
 */
export async function makeConfig(
  options: GatewaySourceOptions,
): Promise<Made | { readonly problems: readonly Problem[] }> {
  const base = await readBaseConfig(options.file, options.env);
  if ("problems" in base) return base;
  const cluster = options.cluster();
  const wanted = translateWith(new Map(), cluster, options);
  const refused = await findRefusedPorts(base, wanted, options.openPorts());
  const possible = refused.size === 0 ? wanted : translateWith(refused, cluster, options);
  const translation = leaveOutUnusable(base, possible);
  const { path, text } = base;
  const value = joinConfig(base, translation.config);
  return { config: { value, files: translation.files, path, text }, cluster, translation };
}

function translateWith(
  refusedPorts: ReadonlyMap<number, string>,
  cluster: Cluster,
  { className, host }: GatewaySourceOptions,
): Translation {
  const hasManyCertificates = !host.lacks.has("several-certificates");
  return translate(cluster, { className, refusedPorts, hasManyCertificates });
}

/** Ports that cannot be opened, and why; those that are open already are ours. */
async function findRefusedPorts(
  base: BaseConfig,
  translation: Translation,
  open: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  const refused = new Map<number, string>();
  const { listeners } = joinConfig(base, translation.config) as {
    listeners: Record<string, { bind: string }>;
  };
  const admin = base.config.admin.bind === false ? undefined : parseBind(base.config.admin.bind);
  for (const [name, { bind: text }] of Object.entries(listeners)) {
    const bind = parseBind(text);
    if (bind === undefined || open.has(bind.port)) continue;
    const reason =
      bind.port === admin?.port
        ? `the admin has port ${bind.port}`
        : await whyNot({ owner: `listeners.${name}`, bind });
    if (reason !== undefined) refused.set(bind.port, reason);
  }
  return refused;
}

async function whyNot(wanted: WantedBind): Promise<string | undefined> {
  const [fault] = await findBindFaults([wanted]);
  return fault?.message;
}

/**
 * One object shall not keep all others from being served: where the whole is not valid, each route is looked at alone, and
 * those that are at fault are left out.
 */
function leaveOutUnusable(base: BaseConfig, translation: Translation): Translation {
  if (findFault(base, translation) === undefined) return translation;
  const reasons = translation.routes.flatMap((plan) => {
    const fault = findFault(base, onlyRoute(translation, plan));
    return fault === undefined ? [] : [[keyOf(plan.route), fault] as const];
  });
  return withoutRoutes(translation, new Map(reasons));
}

function findFault(base: BaseConfig, { config }: Translation): string | undefined {
  const loaded = parseConfigValue(joinConfig(base, config), "gateway");
  if (!("problems" in loaded)) return undefined;
  return loaded.problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
}
