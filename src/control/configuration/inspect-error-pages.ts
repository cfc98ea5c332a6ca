import type { Config, ErrorPagesConfig } from "../../config/config.ts";
import type { Path } from "../../config/problem.ts";
import { errorVariables, unknownVariables } from "../../http/pages/error-template.ts";
import type { FileFault } from "./named-files.ts";

/** Looks for variables in pages of errors that nobody would fill, whether the page is a file or stands in the configuration. */
export function inspectErrorPages(
  config: Config,
  files: Readonly<Record<string, string>>,
): readonly FileFault[] {
  const blocks = [
    { path: ["errorPages"] as Path, pages: config.errorPages.pages },
    ...config.routes.map(({ errorPages }, index) => ({
      path: ["routes", index, "errorPages"] as Path,
      pages: errorPages.pages,
    })),
  ];
  return blocks.flatMap(({ path, pages }) => inspectPages(path, pages, files));
}

function inspectPages(
  path: Path,
  pages: ErrorPagesConfig["pages"],
  files: Readonly<Record<string, string>>,
): FileFault[] {
  return Object.entries(pages).flatMap(([key, page]) => {
    const [text, where] = "file" in page ? [files[page.file] ?? "", `"${page.file}" says `] : [page.text, ""];
    const unknown = [...new Set(unknownVariables(text))];
    return unknown.map((name) => ({
      path: [...path, key],
      message: `${where}${name}, which is no variable: write ${allowed}`,
    }));
  });
}

const allowed = errorVariables.map((name) => `{{${name}}}`).join(", ");
