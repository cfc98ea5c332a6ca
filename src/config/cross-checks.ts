import { isLoopback, parseBind } from "./bind.ts";
import { type Finding, type Path, atBlock, atKey, atValue } from "./problem.ts";
import { type Raw, entriesOf, isBlock, itemsOf, valueAt } from "./raw.ts";
import { routeChecks } from "./route-checks.ts";
import { upstreamChecks } from "./upstream-checks.ts";

/**
 * Whether the configuration is for a program of its own, for a library that brings its listeners, the base of one whose
 * upstreams and routes come from the Gateway API, or that one itself, which may be empty.
 */
export type Purpose = "program" | "library" | "base" | "gateway";

type Check = (root: Raw) => Finding[];

const checks: readonly Check[] = [
  checkBinds,
  checkAdminToken,
  checkClusterScope,
  checkReservedKeys,
  upstreamChecks,
  routeChecks,
];

/** What is wrong between the parts of a configuration: names that nothing bears, things that exclude each other. */
export function crossChecks(root: Raw, purpose: Purpose): Finding[] {
  if (!isBlock(root)) return [];
  const own = purposeChecks[purpose].flatMap((check) => check(root));
  return [...own, ...checks.flatMap((check) => check(root))];
}

const purposeChecks: Readonly<Record<Purpose, readonly Check[]>> = {
  program: [checkListenersExist, checkRoutesExist],
  library: [checkRoutesExist],
  base: [refuseRouting],
  gateway: [],
};

/** What would be thrown away is refused. */
function refuseRouting(root: Raw): Finding[] {
  return ["upstreams", "routes"]
    .filter((key) => !isNothing(valueAt(root, key)))
    .map((key) => atKey([key], "cannot stand here: upstreams and routes come from the Gateway API"));
}

function checkListenersExist(root: Raw): Finding[] {
  return isNothing(valueAt(root, "listeners"))
    ? [missing(["listeners"], "at least one listener, such as web: { bind: :8080 }")]
    : [];
}

function checkRoutesExist(root: Raw): Finding[] {
  return isNothing(valueAt(root, "routes")) ? [missing(["routes"], "at least one route")] : [];
}

function isNothing(raw: Raw): boolean {
  return (
    raw === undefined ||
    (isBlock(raw) && Object.keys(raw).length === 0) ||
    (Array.isArray(raw) && raw.length === 0)
  );
}

function missing(path: Path, allowed: string): Finding {
  return atBlock(path, `missing: write ${allowed}`);
}

function checkBinds(root: Raw): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { path, owner, bind } of bindsOf(root)) {
    const { hostname, port } = parseBind(bind) ?? { hostname: "", port: 0 };
    const first = owners.get(`${hostname}:${port}`);
    if (port !== 0 && first !== undefined) findings.push(taken(path, first));
    if (first === undefined) owners.set(`${hostname}:${port}`, owner);
  }
  return findings;
}

type OwnedBind = { readonly path: Path; readonly owner: string; readonly bind: string };

function bindsOf(root: Raw): OwnedBind[] {
  const listeners = entriesOf(valueAt(root, "listeners")).flatMap(([name, listener]) =>
    bindOf(valueAt(listener, "bind"), ["listeners", name, "bind"], `the listener ${JSON.stringify(name)}`),
  );
  return [...listeners, ...bindOf(valueAt(root, "admin", "bind"), ["admin", "bind"], "the admin")];
}

function bindOf(bind: Raw, path: Path, owner: string): OwnedBind[] {
  return typeof bind === "string" ? [{ path, owner, bind }] : [];
}

function taken(path: Path, owner: string): Finding {
  return atValue(
    path,
    (shown) => `cannot bind ${shown} twice: ${owner} has it; write another address or port`,
  );
}

function checkAdminToken(root: Raw): Finding[] {
  const [bind, token] = [valueAt(root, "admin", "bind"), valueAt(root, "admin", "token")];
  const address = typeof bind === "string" && bind !== "off" ? parseBind(bind) : undefined;
  if (address === undefined || isLoopback(address) || (token !== undefined && token !== "")) return [];
  return [
    missing(["admin", "token"], "a token, because others can reach the admin's address; or bind 127.0.0.1"),
  ];
}

function checkClusterScope(root: Raw): Finding[] {
  if (valueAt(root, "cluster") !== undefined) return [];
  const routes = itemsOf(valueAt(root, "routes"));
  return [
    ...refuseClusterScope(root, []),
    ...routes.flatMap((route, index) => refuseClusterScope(route, ["routes", index])),
  ];
}

function refuseClusterScope(raw: Raw, path: Path): Finding[] {
  if (valueAt(raw, "limits", "scope") !== "cluster") return [];
  return [
    atValue(
      [...path, "limits", "scope"],
      (shown) => `cannot use ${shown} without a cluster: write node, or add the block cluster`,
    ),
  ];
}

/** Refuses names that the schema's maps would leave out without a word. */
function checkReservedKeys(root: Raw): Finding[] {
  return [...pathsIn(root, [], new Set())]
    .filter((path) => ["__proto__", "prototype", "constructor"].includes(String(path.at(-1))))
    .map((path) => atKey(path, "cannot use this name: it is reserved, write another"));
}

function* pathsIn(raw: Raw, path: Path, seen: Set<Raw>): Generator<Path> {
  if (typeof raw !== "object" || raw === null || seen.has(raw)) return;
  seen.add(raw); // aliases may make circles
  for (const [part, value] of Array.isArray(raw) ? raw.entries() : entriesOf(raw)) {
    yield path.concat(part);
    yield* pathsIn(value, path.concat(part), seen);
  }
}
