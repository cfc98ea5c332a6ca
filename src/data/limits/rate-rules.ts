import type { RateRuleConfig } from "../../config/config.ts";
import { KeyedHash } from "../../board/keyed-hash.ts";
import { RateLaw } from "../../board/rates.ts";
import { cookieValue } from "../../http/fields/cookies.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** One limit of a rate, ready to be asked. */
export interface RateRule {
  readonly law: RateLaw;
  /** What an exchange counts under. */
  readonly keyOf: (exchange: Exchange, client: string) => string;
  /** Whether each client has an allowance of its own. */
  readonly isOfClient: boolean;
  /** Its name in the fields of answers. */
  readonly name: string;
  /** What it allows: how many in how many seconds. */
  readonly policy: string;
}

/**
 * Prepares the rules of a scope: "" for those of all routes, else a route's own. Rules that a reload leaves as they were
 * go on counting where they stood.
 */
export function toRateRules(rules: readonly RateRuleConfig[], scope: string): RateRule[] {
  return rules.map((rule, index) => {
    const law = new RateLaw(scopeOf(rule, index, scope), { burst: rule.burst, ...rule.rate });
    const isTwin = rules.findIndex(({ key }) => key === rule.key) < index;
    const name = isTwin ? `"${rule.key}-${index + 1}"` : `"${rule.key}"`;
    const seconds = Math.max(1, Math.ceil(law.burstUs / 1e6));
    const policy = `${name};q=${Math.floor(law.burstUs / law.intervalUs)};w=${seconds}`;
    return { law, keyOf: createKeyOf(rule.key), isOfClient: rule.key === "client-ip", name, policy };
  });
}

function scopeOf(rule: RateRuleConfig, index: number, scope: string): number {
  return new KeyedHash([0, 0]).text(0, JSON.stringify([scope, index, rule])).a;
}

/** Who sends no such header or cookie counts under the address; the letter keeps both kinds of names apart. */
function createKeyOf(key: string): RateRule["keyOf"] {
  if (key === "route") return ({ route }) => route;
  const [kind, name = ""] = cut(key);
  if (kind === "header") return ({ request }, client) => orClient(request.headers.get(name), client);
  if (kind === "cookie") {
    return ({ request }, client) => orClient(cookieValue(request.headers.get("cookie"), name), client);
  }
  return (_exchange, client) => client;
}

function cut(key: string): [string, string?] {
  const colon = key.indexOf(":");
  return colon < 0 ? [key] : [key.slice(0, colon), key.slice(colon + 1)];
}

function orClient(value: string | null | undefined, client: string): string {
  return value === null || value === undefined ? `c${client}` : `v${value}`;
}
