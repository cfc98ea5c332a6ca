import type { Override, ServerName } from "../servers/overrides.ts";
import type { Database } from "./database.ts";

/** Reads all that people said of servers. */
export function readOverrides(
  database: Database,
): { readonly name: ServerName; readonly override: Override }[] {
  const rows = database.prepare("SELECT upstream, server, weight, state, set_at FROM overrides").all();
  return rows.map(({ upstream, server, weight, state, set_at }) => ({
    name: { upstream: String(upstream), server: String(server) },
    override: {
      ...(typeof weight === "number" && { weight }),
      ...((state === "drain" || state === "down") && { state }),
      setAt: Number(set_at),
    },
  }));
}

/** Stores what a person said of a server; undefined = nothing any more. */
export function writeOverride(
  database: Database,
  { upstream, server }: ServerName,
  override: Override | undefined,
): void {
  if (override === undefined) {
    database.prepare("DELETE FROM overrides WHERE upstream = ? AND server = ?").run(upstream, server);
    return;
  }
  const { weight = null, state = null, setAt } = override;
  database
    .prepare(
      "INSERT OR REPLACE INTO overrides (upstream, server, weight, state, set_at) VALUES (?, ?, ?, ?, ?)",
    )
    .run(upstream, server, weight, state, setAt);
}
