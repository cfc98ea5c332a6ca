import { createHash } from "node:crypto";
import type { Host } from "../../../runtime/host.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { FilterModule } from "./filter-module.ts";

/**
 * Loads the filters of the user's own that a snapshot names, by their files. The same text is loaded once for all snapshots;
 * a changed one is a module of its own. (What a module imports is not looked at: it is loaded anew with the process.)
 *
 * @throws with the file's name where one cannot be loaded, or is no filter.
 */
export async function loadModules(
  snapshot: Snapshot,
  host: ModuleHost,
): Promise<ReadonlyMap<string, FilterModule>> {
  const modules = new Map<string, FilterModule>();
  for (const file of filesIn(snapshot))
    modules.set(file, await loadModule(file, snapshot.files[file] ?? "", host));
  return modules;
}

type ModuleHost = Pick<Host, "importModule">;

function filesIn({ config }: Snapshot): ReadonlySet<string> {
  const filters = config.routes.flatMap(({ filters: { request, response } }) => [...request, ...response]);
  return new Set(filters.flatMap((filter) => ("module" in filter ? [filter.module] : [])));
}

async function loadModule(file: string, text: string, host: ModuleHost): Promise<FilterModule> {
  const version = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const found = await importModule(file, version, host);
  if (!isModule(found))
    throw new Error(
      `Cannot use the filter "${file}": it has no default export with a function request or response`,
    );
  return found;
}

async function importModule(file: string, version: string, host: ModuleHost): Promise<unknown> {
  try {
    const { default: found } = (await host.importModule(file, version)) as { readonly default?: unknown };
    return found;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot load the filter "${file}": ${what}`, { cause: error });
  }
}

function isModule(found: unknown): found is FilterModule {
  if (typeof found !== "object" || found === null) return false;
  const { request, response } = found as Record<string, unknown>;
  const parts = [request, response].filter((part) => part !== undefined);
  return parts.length > 0 && parts.every((part) => typeof part === "function");
}
