import type { Context } from "hono";
import type { ClientBan } from "../../data/limits/bans.ts";

/** Clients that were refused too often. */
export interface BanActions {
  readonly list: () => readonly ClientBan[];
  /** Ends a client's ban on every worker; false where it has none. */
  readonly lift: (client: string) => boolean;
}

/** Answers a DELETE: the ban is over, on every worker, before that is said. */
export function answerLift(c: Context, { lift }: BanActions): Response {
  const client = c.req.param("client") ?? "";
  return lift(client) ? c.body(null, 204) : c.json({ error: `"${client}" is not banned` }, 404);
}
