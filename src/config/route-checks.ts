import { didYouMean } from "./did-you-mean.ts";
import { type Finding, type Path, atBlock, atKey, atValue, formatPath } from "./problem.ts";
import { type Raw, entriesOf, isBlock, itemsOf, valueAt } from "./raw.ts";

const actions = ["upstream", "split", "redirect", "respond"];

type Place = { readonly path: Path; readonly raw: Raw };

/** What is wrong with routes: names that nothing bears, no action or several, a name twice. */
export function routeChecks(root: Raw): Finding[] {
  const routes = itemsOf(valueAt(root, "routes")).map((raw, index) => ({ path: ["routes", index], raw }));
  const blocks = routes.filter(({ raw }) => isBlock(raw));
  return [
    ...blocks.flatMap(checkAction),
    ...blocks.flatMap(checkSplit),
    ...blocks.flatMap((route) => checkNames(root, route)),
    ...checkRouteNames(blocks),
  ];
}

function checkAction({ path, raw }: Place): Finding[] {
  const given = actions.filter((action) => valueAt(raw, action) !== undefined);
  if (given.length === 1) return [];
  const allowed = "write exactly one of upstream, split, redirect, respond";
  if (given.length === 0) return [atBlock(path, `does nothing: ${allowed}`)];
  return given
    .slice(1)
    .map((action) => atKey(path.concat(action), `cannot stand beside ${given[0]}: ${allowed}`));
}

function checkSplit({ path, raw }: Place): Finding[] {
  const split = valueAt(raw, "split");
  const hasWeight = entriesOf(split).some(([, weight]) => Number(weight) !== 0);
  if (!isBlock(split) || hasWeight) return [];
  return [
    atValue([...path, "split"], () => "sends nowhere: write at least one upstream with a weight over 0"),
  ];
}

function checkNames(root: Raw, route: Place): Finding[] {
  const upstreams = entriesOf(valueAt(root, "upstreams")).map(([name]) => name);
  const listeners = entriesOf(valueAt(root, "listeners")).map(([name]) => name);
  return [
    ...listenersOf(route).flatMap((use) => checkName(use, "listener", listeners)),
    ...upstreamsOf(route).flatMap((use) => checkName(use, "upstream", upstreams)),
    ...checkSplitNames(route, upstreams),
  ];
}

function listenersOf({ path, raw }: Place): Place[] {
  const listener = valueAt(raw, "listener");
  if (!Array.isArray(listener)) return [{ path: [...path, "listener"], raw: listener }];
  return listener.map((name: Raw, index) => ({ path: path.concat("listener", index), raw: name }));
}

function upstreamsOf({ path, raw }: Place): Place[] {
  return [
    { path: [...path, "upstream"], raw: valueAt(raw, "upstream") },
    { path: [...path, "mirror", "upstream"], raw: valueAt(raw, "mirror", "upstream") },
  ];
}

function checkSplitNames({ path, raw }: Place, upstreams: string[]): Finding[] {
  return entriesOf(valueAt(raw, "split"))
    .filter(([name]) => !upstreams.includes(name))
    .map(([name]) =>
      atKey(path.concat("split", name), describeNobody({ name, kind: "upstream", known: upstreams })),
    );
}

function checkName({ path, raw: name }: Place, kind: string, known: string[]): Finding[] {
  if (typeof name !== "string" || known.includes(name)) return [];
  return [atValue(path, (shown) => describeNobody({ name, kind, known, shown }))];
}

type Nobody = {
  readonly name: string;
  readonly kind: string;
  readonly known: string[];
  readonly shown?: string;
};

function describeNobody({ name, kind, known, shown = JSON.stringify(name) }: Nobody): string {
  const meant = didYouMean(name, known);
  const others = known.length === 0 ? `there are no ${kind}s` : `${kind}s are ${known.join(", ")}`;
  return `no ${kind} is called ${shown}${meant === undefined ? `: ${others}` : `, did you mean ${JSON.stringify(meant)}?`}`;
}

function checkRouteNames(routes: Place[]): Finding[] {
  const owners = new Map<string, Path>();
  const findings: Finding[] = [];
  for (const { path, raw } of routes) {
    const name = valueAt(raw, "name");
    if (typeof name !== "string") continue;
    const first = owners.get(name);
    if (first !== undefined) findings.push(repeated([...path, "name"], first));
    else owners.set(name, path);
  }
  return findings;
}

function repeated(path: Path, first: Path): Finding {
  return atValue(
    path,
    (shown) => `cannot use ${shown} twice: ${formatPath(first)} has this name; write another`,
  );
}
