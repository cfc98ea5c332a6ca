import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";

import type { Config, RouteConfig } from "../../config/config.ts";
import { type Loaded, loadConfig, type LoadedConfig, parseConfigValue } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";
import type { HostFeature } from "../../runtime/host.ts";
import { inspectCertificates } from "../certificates/inspect-certificates.ts";
import { inspectErrorPages } from "./inspect-error-pages.ts";
import { findLacking } from "./lacking.ts";
import { describeFileFault, type FileFault, namedFiles, readNamedFiles, resolveFile } from "./named-files.ts";

/** Where a configuration comes from. */
export type ConfigSource =
  | { readonly file: string }
  /** Text that stands for a file which is not on the disk. */
  | { readonly file: string; readonly text: string; readonly directory?: string }
  /** A value that a program hands in. */
  | { readonly value: unknown }
  /** What makes a configuration anew each time it is asked. */
  | { readonly make: () => Promise<MadeConfig | { readonly problems: readonly Problem[] }> };

/** A configuration that was made: a base from a file, and what came from somewhere else. */
export interface MadeConfig {
  readonly loaded: LoadedConfig;
  /** Files that it names and that are on no disk. */
  readonly files: Readonly<Record<string, string>>;
  /** The file of the base, and its text with its variables as they are written; both "" where there is none. */
  readonly path: string;
  readonly text: string;
}

/** What reading a configuration depends on. */
export interface ReadingOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the runtime cannot do. */
  readonly lacks: ReadonlySet<HostFeature>;
}

/** A configuration that can run, with all that it names. */
export interface ReadConfig {
  readonly config: Config;
  readonly files: Readonly<Record<string, string>>;
  /** The file's whole path; "" for a value. */
  readonly path: string;
  /** Where relative names count from. */
  readonly directory: string;
  /** Those of the files that are on no disk. */
  readonly given: Readonly<Record<string, string>>;
  /** The file's text, with its variables as they are written. */
  readonly text: string;
  /** Changes when the file's text does. */
  readonly hash: string;
  /** What does not keep it from running. */
  readonly warnings: readonly Problem[];
}

/** A configuration, or everything that is wrong with it. */
export type Reading = ReadConfig | { readonly problems: readonly Problem[] };

/** Reads a configuration and all files that it names. Rejects only where the file itself cannot be read. */
export async function readConfig(source: ConfigSource, options: ReadingOptions): Promise<Reading> {
  const draft = "make" in source ? await makeDraft(source.make) : await readDraft(source, options);
  return "problems" in draft ? draft : complete(draft, options);
}

/** A configuration whose named files were not read yet. */
interface Draft extends Pick<ReadConfig, "path" | "directory" | "given" | "text" | "hash"> {
  readonly loaded: LoadedConfig;
}

type WrittenSource = Exclude<ConfigSource, { readonly make: unknown }>;

async function readDraft(
  source: WrittenSource,
  options: ReadingOptions,
): Promise<Draft | { readonly problems: readonly Problem[] }> {
  const text = await textOf(source);
  const loaded = load(source, text, options);
  if ("problems" in loaded) return loaded;
  return { loaded, ...placeOf(source), given: {}, text, hash: hashOf(text) };
}

async function makeDraft(
  make: Extract<ConfigSource, { readonly make: unknown }>["make"],
): Promise<Draft | { readonly problems: readonly Problem[] }> {
  const made = await make();
  if ("problems" in made) return made;
  const { path, text, files, loaded } = made;
  const directory = path === "" ? process.cwd() : dirname(path);
  const hash = hashOf(JSON.stringify([text, loaded.config, files]));
  return { loaded, path, directory, given: files, text, hash };
}

async function complete({ loaded, ...place }: Draft, options: ReadingOptions): Promise<Reading> {
  const { texts, faults } = await readNamedFiles(
    namedFiles(resolveNames(loaded.config, place.directory)),
    place,
  );
  const certificates = inspectCertificates({ config: loaded.config, files: texts, nowMs: Date.now() });
  const pages = inspectErrorPages(loaded.config, texts);
  const all = [...findLacking(loaded.config, options.lacks), ...faults, ...certificates.faults, ...pages];
  const toProblem = (fault: FileFault): Problem => loaded.problemAt(fault.path, fault.message);
  if (all.length > 0) return { problems: all.map(toProblem) };
  return {
    config: resolveNames(loaded.config, place.directory),
    files: texts,
    ...place,
    warnings: certificates.warnings.map(toProblem),
  };
}

async function textOf(source: WrittenSource): Promise<string> {
  if ("value" in source) return JSON.stringify(source.value) ?? "";
  if ("text" in source) return source.text;
  try {
    return await readFile(source.file, "utf8");
  } catch (error) {
    const reason = describeFileFault(error);
    throw new Error(`Cannot read the configuration "${source.file}": ${reason}`, { cause: error });
  }
}

function load(source: WrittenSource, text: string, { env }: ReadingOptions): Loaded {
  return "value" in source ? parseConfigValue(source.value) : loadConfig(text, { file: source.file, env });
}

function placeOf(source: WrittenSource): { readonly path: string; readonly directory: string } {
  if ("value" in source) return { path: "", directory: process.cwd() };
  if ("text" in source) return { path: source.file, directory: source.directory ?? process.cwd() };
  const path = resolve(source.file);
  return { path, directory: dirname(path) };
}

/** The data plane does not know where the configuration lies. */
function resolveNames(config: Config, directory: string): Config {
  const { output } = config.accessLog;
  const isStream = output === "stdout" || output === "stderr";
  const accessLog = isStream
    ? config.accessLog
    : { ...config.accessLog, output: resolveFile(output, directory) };
  const storage = config.storage !== false && resolveFile(config.storage, directory);
  const routes = config.routes.map((route) => resolveModules(route, directory));
  return { ...config, accessLog, storage, routes };
}

function resolveModules(route: RouteConfig, directory: string): RouteConfig {
  const resolved = <F extends object>(filter: F): F =>
    "module" in filter ? { ...filter, module: resolveFile(String(filter.module), directory) } : filter;
  const { request, response } = route.filters;
  return { ...route, filters: { request: request.map(resolved), response: response.map(resolved) } };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
