import type { Config, DiscoverConfig } from "../../config/config.ts";
import { DnsSource } from "./dns-source.ts";
import type { Source, SourceTools } from "./findings.ts";

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
export function sourcesOf(upstream: string, { dns }: DiscoverConfig): WantedSource[] {
  if (!dns) return [];
  return [{ key: keyOf(upstream, { dns }), upstream, open: (tools) => new DnsSource(dns, tools) }];
}

function keyOf(upstream: string, source: object): string {
  return JSON.stringify([upstream, source]);
}
