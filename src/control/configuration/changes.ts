import { isDeepStrictEqual } from "node:util";

import type { Config } from "../../config/config.ts";

/** What differs between two configurations, and the files that they name, in words for people. */
export function describeChanges(before: Described, after: Described): string[] {
  return [
    ...changesOfBlocks("listener", before.config.listeners, after.config.listeners),
    ...changesOfUpstreams(before.config.upstreams, after.config.upstreams),
    ...changesOfRoutes(before.config.routes, after.config.routes),
    ...changesOfRest(before.config, after.config),
    ...changesOfBlocks("file", before.files, after.files),
  ];
}

/** What changes are looked for in. */
export interface Described {
  readonly config: Config;
  readonly files: Readonly<Record<string, string>>;
}

type Blocks<T> = Readonly<Record<string, T>>;

function changesOfBlocks<T>(kind: string, before: Blocks<T>, after: Blocks<T>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    if (!(name in before)) return [`${kind} ${name} added`];
    if (!(name in after)) return [`${kind} ${name} removed`];
    return isDeepStrictEqual(before[name], after[name]) ? [] : [`${kind} ${name} changed`];
  });
}

function changesOfUpstreams(before: Config["upstreams"], after: Config["upstreams"]): string[] {
  const kept = Object.keys(after).filter((name) => name in before);
  return [
    ...changesOfBlocks("upstream", withoutServers(before), withoutServers(after)),
    ...kept.flatMap((name) => changesOfBlocks("server", serversOf(name, before), serversOf(name, after))),
  ];
}

function withoutServers(upstreams: Config["upstreams"]): Blocks<unknown> {
  return Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => [name, { ...upstream, servers: [] }]),
  );
}

function serversOf(upstream: string, upstreams: Config["upstreams"]): Blocks<unknown> {
  const servers = upstreams[upstream]?.servers ?? [];
  return Object.fromEntries(servers.map((server) => [`${upstream}/${server.name}`, server]));
}

function changesOfRoutes(before: Config["routes"], after: Config["routes"]): string[] {
  const changes = changesOfBlocks("route", byName(before), byName(after));
  const isReordered = !isDeepStrictEqual(namesIn(before, after), namesIn(after, before));
  return isReordered ? [...changes, "routes reordered"] : changes;
}

function byName(routes: Config["routes"]): Blocks<Config["routes"][number]> {
  return Object.fromEntries(routes.map((route) => [route.name, route]));
}

function namesIn(routes: Config["routes"], others: Config["routes"]): string[] {
  const known = new Set(others.map(({ name }) => name));
  return routes.map(({ name }) => name).filter((name) => known.has(name));
}

function changesOfRest(before: Config, after: Config): string[] {
  const told = new Set(["listeners", "upstreams", "routes"]);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !told.has(key));
  const changed = keys.filter((key) => !isDeepStrictEqual(valueOf(before, key), valueOf(after, key)));
  return changed.map(
    (key) => `${key} changed${waitsForStart(key, before, after) ? " (at the next start)" : ""}`,
  );
}

/** The threads, the storage, the cluster and the admin's address are as they were when the process started. */
function waitsForStart(key: string, before: Config, after: Config): boolean {
  return (
    ["workers", "storage", "cluster"].includes(key) ||
    (key === "admin" && before.admin.bind !== after.admin.bind)
  );
}

function valueOf(config: Config, key: string): unknown {
  return (config as Readonly<Record<string, unknown>>)[key];
}
