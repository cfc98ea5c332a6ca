import type { Config, DiscoverConfig } from "../../config/config.ts";
import { DnsSource } from "./dns-source.ts";
import type { Source, SourceTools } from "./findings.ts";
import { KubernetesSource } from "./kubernetes-source.ts";

/** A source that a configuration wants. */
export interface WantedSource {
  /** The same for the same source. */
  readonly key: string;
  readonly upstream: string;
  readonly open: (tools: SourceTools) => Source;
}

/** Every source that a configuration wants. */
export function sourcesWanted({ upstreams }: Config): WantedSource[] {
  return Object.entries(upstreams).flatMap(([name, { discover }]) =>
    discover ? sourcesOf(name, discover) : [],
  );
}

/** The sources of one upstream. */
export function sourcesOf(upstream: string, { dns, kubernetes }: DiscoverConfig): WantedSource[] {
  const keyOf = (source: object): string => JSON.stringify([upstream, source]);
  const byDns = dns && {
    key: keyOf({ dns }),
    upstream,
    open: (tools: SourceTools) => new DnsSource(dns, tools),
  };
  const byKubernetes = kubernetes && {
    key: keyOf({ kubernetes }),
    upstream,
    open: (tools: SourceTools) => new KubernetesSource(kubernetes, tools),
  };
  return [byDns ?? [], byKubernetes ?? []].flat();
}
