import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

import type { Config, ErrorPagesConfig } from "../../config/config.ts";
import type { Path } from "../../config/problem.ts";

/** A file that a configuration names, and where it does. */
export interface NamedFile {
  /** As the configuration writes it. */
  readonly name: string;
  readonly path: Path;
}

/** A file that could not be read. */
export interface FileFault {
  readonly path: Path;
  readonly message: string;
}

/** Every file that the configuration wants to read, once per key. */
export function namedFiles(config: Config): NamedFile[] {
  return [
    ...namedFilesOfListeners(config),
    ...Object.entries(config.upstreams).flatMap(([name, { tls }]) =>
      filesOfClientTls(["upstreams", name, "tls"], tls),
    ),
    ...(config.cluster ? filesOfClientTls(["cluster", "tls"], config.cluster.tls) : []),
    ...filesOfPages(["errorPages"], config.errorPages.pages),
    ...config.routes.flatMap((route, index) => filesOfRoute(["routes", index], route)),
  ];
}

/** The certificates, keys and authorities of the listeners. */
export function namedFilesOfListeners({ listeners }: Config): NamedFile[] {
  return Object.entries(listeners).flatMap(([name, { tls }]) =>
    filesOfListener(["listeners", name, "tls"], tls),
  );
}

/** Where files are read from. */
export interface FilePlace {
  /** What relative names count from. */
  readonly directory: string;
  /** What is on no disk, by name. */
  readonly given: Readonly<Record<string, string>>;
}

/** Reads the files, each once. */
export async function readNamedFiles(
  files: readonly NamedFile[],
  { directory, given }: FilePlace,
): Promise<{ readonly texts: Readonly<Record<string, string>>; readonly faults: readonly FileFault[] }> {
  const texts: Record<string, string> = {};
  const faults: FileFault[] = [];
  for (const { name, path } of files) {
    if (name in texts) continue;
    try {
      texts[name] = Object.hasOwn(given, name)
        ? (given[name] ?? "")
        : await readFile(resolveFile(name, directory), "utf8");
    } catch (error) {
      faults.push({ path, message: `cannot read "${name}": ${describeFileFault(error)}` });
    }
  }
  return { texts, faults };
}

/** The places of all files whose change is a change of the configuration. */
export function watchedFiles(naming: NamingConfig): string[] {
  const { path, config } = naming;
  return [...(path === "" ? [] : [path]), ...placesOf(namedFiles(config), naming)];
}

/** The places of the files that are watched in any case, as certificates are renewed while nobody looks. */
export function watchedCertificates(naming: NamingConfig): string[] {
  return placesOf(namedFilesOfListeners(naming.config), naming);
}

function placesOf(files: readonly NamedFile[], { directory, given }: FilePlace): string[] {
  return files
    .filter(({ name }) => !Object.hasOwn(given, name))
    .map(({ name }) => resolveFile(name, directory));
}

/** A configuration and its own place. */
interface NamingConfig extends FilePlace {
  readonly config: Config;
  readonly path: string;
}

/** The place of a file that a configuration in this directory names. */
export function resolveFile(name: string, directory: string): string {
  return isAbsolute(name) ? name : join(directory, name);
}

/** Why a file could not be read or watched, in words. */
export function describeFileFault(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "this user may not read it",
    EISDIR: "it is a directory",
  };
  const { code = "", message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}

function filesOfListener(path: Path, tls: Config["listeners"][string]["tls"]): NamedFile[] {
  if (tls === undefined) return [];
  const pairs = tls.certificates.flatMap(({ cert, key }, index) => [
    { name: cert, path: [...path, "certificates", index, "cert"] },
    { name: key, path: [...path, "certificates", index, "key"] },
  ]);
  return tls.clientAuth === undefined
    ? pairs
    : [...pairs, { name: tls.clientAuth.ca, path: [...path, "clientAuth", "ca"] }];
}

function filesOfClientTls(
  path: Path,
  { ca, cert, key }: Pick<Config["upstreams"][string]["tls"], "ca" | "cert" | "key">,
): NamedFile[] {
  const named = Object.entries({ ca, cert, key });
  return named.flatMap(([field, name]) => (name === "" ? [] : [{ name, path: [...path, field] }]));
}

function filesOfPages(path: Path, pages: ErrorPagesConfig["pages"]): NamedFile[] {
  return Object.entries(pages).flatMap(([key, page]) =>
    "file" in page ? [{ name: page.file, path: [...path, key] }] : [],
  );
}

function filesOfRoute(path: Path, { errorPages, filters }: Config["routes"][number]): NamedFile[] {
  const modules = (["request", "response"] as const).flatMap((side) =>
    filters[side].flatMap((filter, index) =>
      "module" in filter ? [{ name: filter.module, path: [...path, "filters", side, index, "module"] }] : [],
    ),
  );
  return [...filesOfPages([...path, "errorPages"], errorPages.pages), ...modules];
}
