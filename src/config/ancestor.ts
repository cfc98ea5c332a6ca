import * as v from "valibot";
import { explainIssue } from "./explain-issue.ts";
import { type Finding, type Path, atValue } from "./problem.ts";
import { type Raw, isBlock, itemsOf, valueAt } from "./raw.ts";
import { block, checked, flag, someOf } from "./schema/forms.ts";
import { absolutePath, name, port } from "./schema/http-words.ts";
import { parseServerUrl } from "./server-url.ts";

const instance = checked(
  "a URL without port and path, such as http://server.internal: toPort is its port",
  isInstance,
);

const prefix = v.pipe(absolutePath, v.regex(/^[^:*{}?]*$/, "a path that starts with /, without : * { }"));

const groupSchema = block({
  name,
  fromPort: port,
  toPort: port,
  path: v.optional(prefix, "/"),
  sticky: v.optional(flag, false),
  instances: someOf(instance),
});

/** The file of the Go program that Headgate grew from: ports to listen on, and groups of servers behind them. */
const ancestorSchema = block({ listeners: someOf(port), targetGroups: someOf(groupSchema) });

type Group = v.InferOutput<typeof groupSchema>;

/** Whether the value has the old form. */
export function isAncestor(value: unknown): boolean {
  return isBlock(value) && Object.hasOwn(value, "targetGroups");
}

/** The configuration of today that does what the old one did, as a value to be validated; or what is wrong with the old one. */
export function modernise(value: unknown): { readonly value: object } | { readonly findings: Finding[] } {
  const result = v.safeParse(ancestorSchema, value);
  const findings = [
    ...(result.issues ?? []).flatMap(explainIssue),
    ...checkGroups(value),
    ...findRepeats(valueAt(value, "listeners"), ["listeners"]),
  ];
  if (!result.success || findings.length > 0) return { findings };
  const { listeners, targetGroups } = result.output;
  return {
    value: {
      listeners: Object.fromEntries(listeners.map((number) => [toListener(number), { bind: `:${number}` }])),
      upstreams: Object.fromEntries(targetGroups.map((group) => [group.name, toUpstream(group)])),
      routes: targetGroups.toSorted(byPathLength).map(toRoute),
    },
  };
}

function isInstance(text: string): boolean {
  return parseServerUrl(text) !== undefined && !/:\d*\/?$/.test(text.slice("http:".length));
}

function toListener(number: number): string {
  return `port-${number}`;
}

/** Cookies have a name each, so that a client of two groups stays with its server in both. */
function toUpstream({ name: group, sticky, instances, toPort }: Group): object {
  const servers = instances.map((url) => `${url.replace(/\/$/, "")}:${toPort}`);
  const cookie = `headgate-${group.replaceAll(/[^\w-]/g, "-")}`;
  return { balance: "round-robin", servers, ...(sticky ? { sticky: { cookie } } : {}) };
}

/** The old file lets the longest path win, today's the first. */
function byPathLength(a: Group, b: Group): number {
  return b.path.length - a.path.length;
}

function toRoute({ name: group, fromPort, path }: Group): object {
  return {
    name: group,
    listener: toListener(fromPort),
    path: `${path.replace(/\/+$/, "")}/*`,
    upstream: group,
  };
}

function checkGroups(root: Raw): Finding[] {
  const groups = itemsOf(valueAt(root, "targetGroups"));
  const ports = itemsOf(valueAt(root, "listeners")).map(Number);
  return [
    ...groups.flatMap((group, index) => checkFromPort(group, ["targetGroups", index, "fromPort"], ports)),
    ...groups.flatMap((group, index) =>
      findRepeats(valueAt(group, "instances"), ["targetGroups", index, "instances"]),
    ),
    ...findRepeatedNames(groups),
  ];
}

function checkFromPort(group: Raw, path: Path, ports: number[]): Finding[] {
  const fromPort = valueAt(group, "fromPort");
  if (fromPort === undefined || ports.length === 0 || ports.includes(Number(fromPort))) return [];
  const tell = (shown: string) => `no listener has the port ${shown}: listeners are ${ports.join(", ")}`;
  return [atValue(path, tell)];
}

function findRepeats(list: Raw, path: Path): Finding[] {
  const items = itemsOf(list).map(String);
  return items.flatMap((item, index) => {
    const first = items.indexOf(item);
    return first === index ? [] : [atValue(path.concat(index), (shown) => `cannot use ${shown} twice`)];
  });
}

function findRepeatedNames(groups: readonly Raw[]): Finding[] {
  const names = groups.map((group) => valueAt(group, "name"));
  return names.flatMap((given, index) => {
    if (typeof given !== "string" || names.indexOf(given) === index) return [];
    const tell = (shown: string) =>
      `cannot use ${shown} twice: targetGroups[${names.indexOf(given)}] has this name`;
    return [atValue(["targetGroups", index, "name"], tell)];
  });
}
