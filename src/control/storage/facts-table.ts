import type { Database } from "./database.ts";

/** The name of the configuration that ran last. */
export const lastGoodFact = "last-good-configuration";

/** Reads a single fact; undefined where it was never stored. */
export function readFact(database: Database, name: string): string | undefined {
  const value = database.prepare("SELECT value FROM facts WHERE name = ?").get(name)?.["value"];
  return typeof value === "string" ? value : undefined;
}

/** Stores a single fact in the place of what it was. */
export function writeFact(database: Database, name: string, value: string): void {
  database.prepare("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)").run(name, value);
}
