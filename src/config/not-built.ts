import * as v from "valibot";
import type { Config } from "./config.ts";
import type { Path } from "./problem.ts";
import { configSchema } from "./schema.ts";
import { routesSchema } from "./schema/routes.ts";
import { upstreamSchema } from "./schema/upstreams.ts";

/** A key that asks for a feature which the program does not have yet. */
export type NotBuilt = { readonly path: Path; readonly feature: string };

type Scope = "config" | "upstream" | "route";

type Feature = {
  readonly in: Scope;
  /** The key that asks for it, with dots. */
  readonly key: string;
  readonly feature: string;
};

/** One line a feature: who builds it takes the line out. */
const features: readonly Feature[] = [];

/** What the configuration asks for and the program does not do yet: better refused than ignored in silence. */
export function findNotBuilt(config: Config): NotBuilt[] {
  return features.flatMap((feature) =>
    partsOf(config, feature.in)
      .filter((part) => asksFor(part.value, feature))
      .map(({ path }) => ({ path: [...path, ...feature.key.split(".")], feature: feature.feature })),
  );
}

type Part = { readonly path: Path; readonly value: unknown };

function partsOf(config: Config, scope: Scope): Part[] {
  const upstreams = Object.entries(config.upstreams);
  const parts: Readonly<Record<Scope, () => Part[]>> = {
    config: () => [{ path: [], value: config }],
    upstream: () => upstreams.map(([name, value]) => ({ path: ["upstreams", name], value })),
    route: () => listParts(["routes"], config.routes),
  };
  return parts[scope]();
}

function listParts(path: Path, values: readonly unknown[]): Part[] {
  return values.map((value, index) => ({ path: path.concat(index), value }));
}

/** What each part is when only the needful is written: the schema says, not this file. */
const defaults: Readonly<Record<Scope, unknown>> = {
  config: v.parse(configSchema, {}),
  upstream: v.parse(upstreamSchema, {}),
  route: v.parse(routesSchema, [{}])[0],
};

function asksFor(part: unknown, { in: scope, key }: Feature): boolean {
  const [value, byDefault] = [valueAt(part, key), valueAt(defaults[scope], key)];
  return JSON.stringify(value) !== JSON.stringify(byDefault);
}

function valueAt(part: unknown, key: string): unknown {
  return key
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], part);
}
