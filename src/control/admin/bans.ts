import { isIPv4, isIPv6 } from "node:net";
import type { Context } from "hono";
import * as v from "valibot";
import type { ClientBan } from "../../data/limits/bans.ts";
import { readJson } from "./read-json.ts";

/** Clients that were refused too often, or that a person has banned. */
export interface BanActions {
  readonly list: () => readonly ClientBan[];
  /** Bans a client on every worker; undefined where there is no room for it. */
  readonly add: (order: BanOrder) => ClientBan | undefined;
  /** Ends a client's ban on every worker; false where it has none. */
  readonly lift: (client: string) => boolean;
}

const address = "an address such as 10.0.0.7 or a prefix such as 2001:db8::/64";

const mostMs = 7 * 86_400_000;

const duration = `a whole number of ms from 1000 to ${mostMs}`;

/** The body of a POST. */
export const banOrder = v.strictObject({
  client: v.pipe(v.string(address), v.check(isClient, address)),
  forMs: v.pipe(
    v.number(duration),
    v.integer(duration),
    v.minValue(1000, duration),
    v.maxValue(mostMs, duration),
  ),
});

/** Who is to be banned, and for how long. */
export type BanOrder = v.InferOutput<typeof banOrder>;

/** Answers a POST: the client is banned, on every worker, before that is said. */
export async function answerBan(c: Context, { add }: BanActions): Promise<Response> {
  const order = await readJson(c, banOrder);
  if (order instanceof Response) return order;
  const ban = add(order);
  return ban ? c.json(ban, 201) : c.json({ error: `Cannot ban "${order.client}": there is no room` }, 503);
}

/** IPv4 addresses are banned one by one, those of IPv6 by the /64 that a subscriber has. */
function isClient(text: string): boolean {
  return isIPv4(text) || isIPv6(text.replace(/\/64$/, ""));
}

/** Answers a DELETE: the ban is over, on every worker, before that is said. */
export function answerLift(c: Context, { lift }: BanActions): Response {
  const client = c.req.param("client") ?? "";
  return lift(client) ? c.body(null, 204) : c.json({ error: `"${client}" is not banned` }, 404);
}
