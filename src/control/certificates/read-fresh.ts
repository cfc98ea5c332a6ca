import { type FileFault, namedFilesOfListeners, readNamedFiles } from "../configuration/named-files.ts";
import type { ReadConfig } from "../configuration/read-config.ts";
import { inspectCertificates } from "./inspect-certificates.ts";

/** A configuration with the certificates that can be used, and what is wrong with those that cannot. */
export interface FreshCertificates {
  readonly files: ReadConfig["files"];
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
}

/**
 * Reads the files of the listeners' certificates anew. Each pair is taken whole or not at all: where a file of it cannot
 * be read or does not fit the other, both stay as they were, while the others are taken.
 */
export async function readFreshCertificates(read: ReadConfig, nowMs: number): Promise<FreshCertificates> {
  const { texts, faults } = await readNamedFiles(namedFilesOfListeners(read.config), read);
  let files: ReadConfig["files"] = { ...read.files, ...texts };
  const all = [...faults];
  for (;;) {
    const { faults: broken, warnings } = inspectCertificates({ config: read.config, files, nowMs });
    const kept = keepOld(read, files, broken);
    if (kept === undefined) return { files, faults: all, warnings };
    all.push(...broken);
    files = kept;
  }
}

/** Takes the files that are at fault back to what they were; undefined where there is nothing to take back. */
function keepOld(
  { config, files: old }: ReadConfig,
  files: ReadConfig["files"],
  broken: readonly FileFault[],
): ReadConfig["files"] | undefined {
  const places = new Set(broken.map(({ path }) => pairOf(path)));
  const names = namedFilesOfListeners(config)
    .filter(({ name, path }) => places.has(pairOf(path)) && files[name] !== old[name])
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { ...files, ...Object.fromEntries(names.map((name) => [name, old[name] ?? ""])) };
}

/** The certificate and the key of a pair lie beside each other. */
function pairOf(path: FileFault["path"]): string {
  return JSON.stringify(path.slice(0, -1));
}
