import type { Context } from "hono";
import * as v from "valibot";
import type { History } from "../storage/keeper.ts";
import type { Subject } from "../storage/series-table.ts";
import { readBy } from "./read-json.ts";

/** Gives the stored series of a server, an upstream or everything; undefined for what nothing is known of. */
export type ReadHistory = (subject: Subject, minutes: number) => History | undefined;

const range = "a whole number from 1 to 10080";

/** The query of a history. */
export const historyQuery = v.pipe(
  v.strictObject({
    upstream: v.optional(v.string(), ""),
    server: v.optional(v.string(), ""),
    minutes: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,5}$/, range),
        v.transform(Number),
        v.minValue(1, range),
        v.maxValue(10_080, range),
      ),
      "60",
    ),
  }),
  v.forward(
    v.check(({ upstream, server }) => server === "" || upstream !== "", "the server's upstream is needed"),
    ["upstream"],
  ),
);

/** Answers with the points of the last minutes. */
export function answerHistory(c: Context, read: ReadHistory): Response {
  const asked = readBy(c, historyQuery, c.req.query());
  if (asked instanceof Response) return asked;
  const { minutes, ...subject } = asked;
  const history = read(subject, minutes);
  return history ? c.json(history) : c.json({ error: `Nothing is known of ${describe(subject)}` }, 404);
}

function describe({ upstream, server }: Subject): string {
  return server === "" ? `an upstream "${upstream}"` : `a server "${server}" in an upstream "${upstream}"`;
}
