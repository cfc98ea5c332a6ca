import type { Config, ErrorPagesConfig } from "../config/config.ts";
import { errorPagesOf } from "../config/effective.ts";
import { pageFor } from "../http/pages/error-pages.ts";
import type { ErrorTemplates } from "../http/pages/error-pages.ts";
import { parseErrorTemplate } from "../http/pages/error-template.ts";
import type { ErrorPages } from "./exchange/exchange.ts";
import type { Snapshot } from "./snapshot.ts";

/** Reads the site's own pages for errors, global ones and those of routes; undefined where there are none. */
export function createErrorPages({
  config,
  files,
}: Pick<Snapshot, "config" | "files">): ErrorPages | undefined {
  if (![config, ...config.routes].some(({ errorPages }) => Object.keys(errorPages.pages).length > 0))
    return undefined;
  const globals = readPages(config.errorPages.pages, files);
  const ofRoutes = new Map(config.routes.map((route) => [route.name, pagesOfRoute(config, route, files)]));
  return (route, status) => pageFor(ofRoutes.get(route) ?? globals, status);
}

function pagesOfRoute(
  config: Config,
  route: Config["routes"][number],
  files: Snapshot["files"],
): ErrorTemplates {
  return readPages(errorPagesOf(config, route).pages, files);
}

function readPages(pages: ErrorPagesConfig["pages"], files: Snapshot["files"]): ErrorTemplates {
  return new Map(
    Object.entries(pages).map(([key, page]) => [
      key,
      parseErrorTemplate("file" in page ? (files[page.file] ?? "") : page.text),
    ]),
  );
}
