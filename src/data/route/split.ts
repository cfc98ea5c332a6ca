import { hashText } from "../balance/hash-text.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** One of the ways that a split leads. */
export interface SplitWay<T> {
  readonly to: T;
  /** Its share is this over the sum of all. */
  readonly weight: number;
  /** Whether the client already has a session there. */
  readonly isHome: (exchange: Exchange) => boolean;
}

/**
 * Spreads clients over several ways by weight. The same client always goes the same way: where it has a session, else by
 * the hash of its address, so that shares can be changed and only as many clients move as must.
 */
export function createSplit<T>(route: string, ways: readonly SplitWay<T>[]): (exchange: Exchange) => T {
  const total = ways.reduce((sum, { weight }) => sum + weight, 0);
  const last = ways.findLast(({ weight }) => weight > 0) ?? ways[0];
  if (!last) throw new Error(`Cannot split route "${route}": it names no upstream`);
  return (exchange) => {
    const home = ways.find((way) => way.isHome(exchange));
    if (home) return home.to;
    let point = (hashText(`${route} ${exchange.client}`) / 2 ** 32) * total;
    return (ways.find(({ weight }) => (point -= weight) < 0) ?? last).to;
  };
}
