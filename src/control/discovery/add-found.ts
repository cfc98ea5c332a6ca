import type { ServerConfig } from "../../config/config.ts";

/** What is found for an upstream, and what of it is taken in. */
export interface Offer {
  /** Those of the configuration: they go before what is found. */
  readonly listed: readonly ServerConfig[];
  readonly found: readonly ServerConfig[];
  /** Whether it is in already: where not all fit, nobody is turned out for a newcomer. */
  readonly isIn: (server: ServerConfig) => boolean;
  /** How many found servers may be taken in. */
  readonly room: number;
}

/** The servers of an upstream: the listed ones, and those that are found besides, as far as there is room. */
export function addFound({ listed, found, isIn, room }: Offer): { servers: ServerConfig[]; leftOut: number } {
  const [names, urls] = [new Set(listed.map(({ name }) => name)), new Set(listed.map(({ url }) => url))];
  const others = found.filter(({ name, url }) => {
    const isOther = !names.has(name) && !urls.has(url);
    names.add(name);
    urls.add(url);
    return isOther;
  });
  const taken = new Set([...others.filter(isIn), ...others.filter((server) => !isIn(server))].slice(0, room));
  return {
    servers: [...listed, ...others.filter((server) => taken.has(server))],
    leftOut: others.length - taken.size,
  };
}
