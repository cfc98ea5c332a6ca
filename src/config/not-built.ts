import type { Config } from "./config.ts";
import type { Path } from "./problem.ts";

/** A key that asks for a feature which the program does not have yet. */
export type NotBuilt = { readonly path: Path; readonly feature: string };

/** What the configuration asks for and the program does not do yet: better refused than ignored in silence. */
export function findNotBuilt(_config: Config): NotBuilt[] {
  return [];
}
