import { isIP } from "node:net";
import type { NameServer } from "../../config/name-server.ts";

/** What a machine says about how names are looked up. */
export interface ResolvConf {
  readonly servers: readonly NameServer[];
  /** The domains in which a short name is looked for. */
  readonly search: readonly string[];
  /** A name with at least so many dots is looked for as it is before it is in those domains. */
  readonly ndots: number;
}

/** More are not asked (resolv.conf(5)). */
const mostServers = 3;

/** Reads the text of `/etc/resolv.conf`; what is absent is as resolv.conf(5) has it. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.split("\n").map((line) =>
    line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/),
  );
  const of = (keyword: string): string[][] =>
    lines.flatMap(([first, ...rest]) => (first === keyword ? [rest] : []));
  const servers = of("nameserver")
    .flatMap(([address = ""]) => (isIP(address.split("%")[0] ?? "") ? [{ address, port: 53 }] : []))
    .slice(0, mostServers);
  const ndots = /\bndots:(\d+)/.exec(of("options").flat().join(" "))?.[1];
  return {
    servers: servers.length > 0 ? servers : [{ address: "127.0.0.1", port: 53 }],
    search: [...of("domain"), ...of("search")].at(-1) ?? [],
    ndots: ndots === undefined ? 1 : Math.min(15, Number(ndots)),
  };
}

/** The whole names that a name may stand for, likeliest first; with a dot at its end it stands for itself. */
export function namesToTry(name: string, { search, ndots }: Pick<ResolvConf, "search" | "ndots">): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const within = search.map((domain) => `${name}.${domain.replace(/\.$/, "")}`);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...within] : [...within, name];
}
