import type { ErrorTemplate } from "./error-template.ts";

/** Pages of the site's own by `404`, `4xx`, `5xx` or `default`. */
export type ErrorTemplates = ReadonlyMap<string, ErrorTemplate>;

/** The page for a status: its own, else that of its class, else the one for all. */
export function pageFor(pages: ErrorTemplates, status: number): ErrorTemplate | undefined {
  return pages.get(String(status)) ?? pages.get(`${Math.floor(status / 100)}xx`) ?? pages.get("default");
}
