import type { RouteConfig } from "../../config/config.ts";
import { compileLinear } from "../../config/linear-regex.ts";
import { shareUnit } from "../../config/units.ts";
import { createCidrSet } from "../../http/address/cidr-set.ts";
import { cookieValue } from "../../http/fields/cookies.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { createMatcher } from "./matcher.ts";
import { readQuery } from "../../http/query.ts";

/** What a route asks of an exchange besides its path; `lost` says in words why an exchange is not for it. */
export interface Condition {
  readonly holds: (exchange: Exchange) => boolean;
  readonly lost: string;
}

/** Gives a number from 0 to below 1. */
type Random = () => number;

/**
 * The conditions of a route, the cheapest first and chance last. A route without any takes every exchange on its path.
 */
export function conditionsOf(route: RouteConfig, random: Random): readonly Condition[] {
  return [
    ...listenerCondition(route),
    ...methodCondition(route),
    ...hostCondition(route),
    ...clientCondition(route),
    ...pathCondition(route),
    ...named(route.headers, "header", ({ request }, name) => request.headers.get(name) ?? undefined),
    ...named(route.query, "query", ({ query }, name) => readQuery(query, name)),
    ...named(route.cookies, "cookie", ({ request }, name) =>
      cookieValue(request.headers.get("cookie"), name),
    ),
    ...shareCondition(route, random),
  ];
}

/** Whether all of them hold. */
export function holdAll(conditions: readonly Condition[], exchange: Exchange): boolean {
  for (const condition of conditions) {
    if (!condition.holds(exchange)) return false;
  }
  return true;
}

function listenerCondition({ listener }: RouteConfig): Condition[] {
  if (!listener) return [];
  return [
    {
      holds: (exchange) => listener.includes(exchange.listener),
      lost: `listener is not ${listener.join(" or ")}`,
    },
  ];
}

function methodCondition({ methods }: RouteConfig): Condition[] {
  if (!methods) return [];
  const wanted: ReadonlySet<string> = new Set(methods);
  return [{ holds: ({ method }) => wanted.has(method), lost: `method is not ${methods.join(" or ")}` }];
}

function hostCondition({ host }: RouteConfig): Condition[] {
  if (!host) return [];
  const exact = new Set(host.filter((name) => !name.startsWith("*.")));
  const suffixes = host.filter((name) => name.startsWith("*.")).map((name) => name.slice(1));
  return [
    {
      holds: (exchange) =>
        exact.has(exchange.host) || suffixes.some((suffix) => exchange.host.endsWith(suffix)),
      lost: `host is not ${host.join(" or ")}`,
    },
  ];
}

function clientCondition({ clients }: RouteConfig): Condition[] {
  if (!clients) return [];
  const isInside = createCidrSet(clients);
  return [{ holds: ({ client }) => isInside(client), lost: `client is not in ${clients.join(" or ")}` }];
}

function pathCondition({ pathRegex }: RouteConfig): Condition[] {
  if (pathRegex === undefined) return [];
  const regex = compileLinear(pathRegex, "");
  return [
    { holds: ({ matchPath }) => regex.test(matchPath), lost: `path does not match the regex ${pathRegex}` },
  ];
}

function shareCondition({ share }: RouteConfig, random: Random): Condition[] {
  if (share === undefined) return [];
  return [
    { holds: () => random() < share, lost: `takes ${shareUnit.format(share)} of the requests, by chance` },
  ];
}

type Read = (exchange: Exchange, name: string) => string | undefined;

function named(wanted: Readonly<Record<string, string>>, kind: string, read: Read): Condition[] {
  return Object.entries(wanted).map(([name, condition]) => {
    const matches = createMatcher(condition);
    return {
      holds: (exchange) => matches(read(exchange, name)),
      lost: `${kind} ${name} ${describeMiss(condition)}`,
    };
  });
}

function describeMiss(condition: string): string {
  if (condition === "*") return "is absent";
  return typeof condition === "string" && condition.startsWith("/")
    ? `does not match ${condition}`
    : `is not "${condition}"`;
}
