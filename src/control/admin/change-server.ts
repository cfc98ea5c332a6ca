import type { Context } from "hono";
import * as v from "valibot";
import type { OverrideChange, ServerName } from "../servers/overrides.ts";
import { readJson } from "./read-json.ts";

/** What came of a change: the server as the status has it now, and whether the change outlives a restart. */
export interface ServerChange {
  readonly server: object;
  readonly stored: boolean;
}

/** Does what a person wants of a server; undefined where there is no such server. */
export type ChangeServer = (name: ServerName, change: OverrideChange | "undo") => ServerChange | undefined;

const weightRange = "a number from 0 to 256";

/** The body of a PATCH. */
export const serverChange = v.pipe(
  v.strictObject({
    weight: v.exactOptional(
      v.pipe(v.number(weightRange), v.minValue(0, weightRange), v.maxValue(256, weightRange)),
    ),
    state: v.exactOptional(v.picklist(["up", "drain", "down"], "up, drain or down")),
  }),
  v.check(
    (change) => change.weight !== undefined || change.state !== undefined,
    "nothing is asked for: weight, state, or both",
  ),
);

/** Answers a PATCH: a person's word about a server, which goes before the configuration. */
export async function answerChange(c: Context, changeServer: ChangeServer): Promise<Response> {
  const change = await readJson(c, serverChange);
  return change instanceof Response ? change : answerChanged(c, changeServer(nameIn(c), change));
}

/** Answers a DELETE: the configuration alone speaks again. */
export function answerUndo(c: Context, changeServer: ChangeServer): Response {
  return answerChanged(c, changeServer(nameIn(c), "undo"));
}

function nameIn(c: Context): ServerName {
  return { upstream: c.req.param("upstream") ?? "", server: c.req.param("server") ?? "" };
}

function answerChanged(c: Context, changed: ServerChange | undefined): Response {
  if (changed) return c.json({ ...changed.server, stored: changed.stored });
  const { upstream, server } = nameIn(c);
  return c.json({ error: `There is no server "${server}" in an upstream "${upstream}"` }, 404);
}
