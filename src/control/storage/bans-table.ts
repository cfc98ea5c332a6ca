import * as v from "valibot";
import { refusalReasons } from "../../board/refusal-reasons.ts";
import type { ClientBan } from "../../data/limits/bans.ts";
import type { Database } from "./database.ts";

const ban = v.object({
  client: v.string(),
  until: v.number(),
  reason: v.picklist(refusalReasons),
  refusals: v.number(),
});

/** Reads the bans that were in force. */
export function readBans(database: Database): ClientBan[] {
  const rows = database.prepare("SELECT client, until, reason, refusals FROM bans").all();
  return rows.flatMap((row) => {
    const read = v.safeParse(ban, row);
    return read.success ? [read.output] : [];
  });
}

/** Stores the bans in force in the place of those before. */
export function writeBans(database: Database, bans: readonly ClientBan[]): void {
  database.prepare("DELETE FROM bans").run();
  const insert = database.prepare("INSERT INTO bans (client, until, reason, refusals) VALUES (?, ?, ?, ?)");
  for (const { client, until, reason, refusals } of bans) insert.run(client, until, reason, refusals);
}
