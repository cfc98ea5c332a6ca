import { asksForServices } from "./dns-name.ts";
import { type Finding, type Path, atBlock, atKey, atValue } from "./problem.ts";
import { type Raw, entriesOf, isBlock, itemsOf, valueAt } from "./raw.ts";
import { parseServerUrl } from "./server-url.ts";

/** What is wrong within each upstream. */
export function upstreamChecks(root: Raw): Finding[] {
  return entriesOf(valueAt(root, "upstreams")).flatMap(([name, upstream]) =>
    isBlock(upstream) ? checkUpstream(upstream, ["upstreams", name]) : [],
  );
}

function checkUpstream(upstream: Raw, path: Path): Finding[] {
  return [
    ...checkServersExist(upstream, path),
    ...checkServerNames(upstream, path),
    ...checkTlsPair(upstream, path),
    ...checkDnsPort(upstream, path),
  ];
}

/** SRV records say the port; where there are none, somebody else has to. */
function checkDnsPort(upstream: Raw, path: Path): Finding[] {
  const dns = valueAt(upstream, "discover", "dns");
  const [name, type = "auto", port] = ["name", "type", "port"].map((key) => valueAt(dns, key));
  if (typeof name !== "string" || typeof type !== "string") return [];
  const at = [...path, "discover", "dns", "port"];
  if (!asksForServices({ name, type }))
    return port === undefined
      ? [atBlock(at, "missing: A and AAAA records do not say the servers' port")]
      : [];
  return port === undefined
    ? []
    : [atKey(at, "of no use: SRV records say the port themselves, leave it out")];
}

function checkServersExist(upstream: Raw, path: Path): Finding[] {
  const discover = valueAt(upstream, "discover");
  if (
    isBlock(discover) &&
    valueAt(discover, "dns") === undefined &&
    valueAt(discover, "kubernetes") === undefined
  ) {
    return [atValue([...path, "discover"], () => "discovers nothing: write dns, kubernetes or both")];
  }
  const servers = valueAt(upstream, "servers");
  const isEmpty = servers === undefined || (Array.isArray(servers) && servers.length === 0);
  if (!isEmpty || discover !== undefined) return [];
  return [atBlock([...path, "servers"], "missing: write at least one server, or discover")];
}

function checkServerNames(upstream: Raw, path: Path): Finding[] {
  const owners = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [index, server] of itemsOf(valueAt(upstream, "servers")).entries()) {
    const name = nameOf(server);
    const first = name === undefined ? undefined : owners.get(name);
    if (first !== undefined) findings.push(repeated([...path, "servers", index], server, first));
    if (name !== undefined && first === undefined) owners.set(name, index);
  }
  return findings;
}

function nameOf(server: Raw): string | undefined {
  const name = valueAt(server, "name");
  if (typeof name === "string") return name;
  const url = typeof server === "string" ? server : valueAt(server, "url");
  return typeof url === "string" ? parseServerUrl(url)?.authority : undefined;
}

function repeated(path: Path, server: Raw, first: number): Finding {
  const named = ["name", "url"].filter((key) => valueAt(server, key) !== undefined).slice(0, 1);
  return atValue(
    [...path, ...named],
    (shown) => `cannot use ${shown}: servers[${first}] has the same name; write a name of its own`,
  );
}

function checkTlsPair(upstream: Raw, path: Path): Finding[] {
  const tls = valueAt(upstream, "tls");
  const [cert, key] = [valueAt(tls, "cert") || undefined, valueAt(tls, "key") || undefined];
  if ((cert === undefined) === (key === undefined)) return [];
  const absent = cert === undefined ? "cert" : "key";
  return [atBlock([...path, "tls", absent], "missing: write cert and key, or neither")];
}
