import { Document } from "yaml";
import { isAncestor, modernise } from "./ancestor.ts";
import { type LoadOptions, loadConfig } from "./load.ts";
import type { Problem } from "./problem.ts";
import { readYaml } from "./yaml-source.ts";

/** Today's YAML text, or what is wrong with the old one. */
export type Converted = { readonly text: string } | { readonly problems: readonly Problem[] };

/** Rewrites a file of the old form (`targetGroups`) in today's. */
export function convertAncestor(text: string, options: LoadOptions): Converted {
  const loaded = loadConfig(text, options);
  if ("problems" in loaded) return loaded;
  const { value } = readYaml(text, options);
  const modern = isAncestor(value) ? modernise(value) : { findings: [] };
  if ("value" in modern) return { text: toYaml(modern.value, options.file) };
  return { problems: [loaded.problemAt([], "cannot convert: this is no old file, which has targetGroups")] };
}

function toYaml(value: object, file: string): string {
  const document = new Document(value);
  document.commentBefore = ` Converted from ${file.replaceAll(/\p{C}/gu, "?")}. Routes are tried in this order: the longest path first.`;
  return document.toString({ lineWidth: 0 });
}
