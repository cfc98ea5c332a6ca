import { fileURLToPath } from "node:url";

/** Where a file beside this one lies. */
export function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
