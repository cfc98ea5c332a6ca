import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import type { Teardown } from "../kit/teardown.ts";
import { dockerfile, lastOf, readStages, root, type Stage, type Step, valuesOf } from "./dockerfile.ts";

const run = promisify(execFile);

/** An image as an engine would have it: its files, and how it is run. */
export interface Image {
  /** The folder with its files. */
  readonly files: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly group: string;
  readonly workdir: string;
  readonly volumes: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly stopSignal: NodeJS.Signals;
}

/**
 * Builds the image by doing what the Dockerfile says, step by step, in folders instead of containers: there is no engine
 * where tests run. In place of the base images stands this machine, which has Debian's tools, and Bun from npm.
 */
export async function buildImage(t: Teardown): Promise<Image> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-image-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const stages = readStages();
  for (const stage of stages) await buildStage(stage, directory);
  const last = stages.at(-1) as Stage;
  const [user = "", group = ""] = (lastOf(last, "USER").words[0] ?? "").split(":");
  return {
    files: join(directory, last.name),
    environment: valuesOf(last.steps, "ENV"),
    user,
    group,
    workdir: lastOf(last, "WORKDIR").words[0] ?? "",
    volumes: lastOf(last, "VOLUME").words,
    entrypoint: lastOf(last, "ENTRYPOINT").words,
    command: lastOf(last, "CMD").words,
    healthcheck: lastOf(last, "HEALTHCHECK").words,
    stopSignal: lastOf(last, "STOPSIGNAL").words[0] as NodeJS.Signals,
  };
}

async function buildStage(stage: Stage, directory: string): Promise<void> {
  const files = join(directory, stage.name);
  await mkdir(files, { recursive: true });
  let workdir = "/";
  for (const step of stage.steps) {
    if (step.keyword === "WORKDIR") workdir = step.words[0] ?? "";
    if (step.keyword === "WORKDIR") await mkdir(join(files, workdir), { recursive: true });
    if (step.keyword === "COPY") await copy(step, { directory, files, workdir });
    if (step.keyword === "RUN") await runStep(step, { directory, files, workdir });
  }
}

interface Place {
  readonly directory: string;
  readonly files: string;
  readonly workdir: string;
}

async function copy({ words, flags }: Step, { directory, files, workdir }: Place): Promise<void> {
  const stage = flags["from"];
  const target = words.at(-1) ?? "";
  const into = join(files, resolve("/", workdir, target));
  for (const source of words.slice(0, -1)) {
    if (stage === undefined) await assertInContext(source);
    const from = stage === undefined ? join(root, source) : join(directory, stage, source);
    await copyTo(from, into, target.endsWith("/"));
  }
}

/** Of a folder, COPY takes what is in it; owners stay as they were in the other stage. */
async function copyTo(from: string, target: string, isFolder: boolean): Promise<void> {
  const isWhole = (await stat(from)).isDirectory();
  const to = isFolder && !isWhole ? join(target, basename(from)) : target;
  await mkdir(dirname(to), { recursive: true });
  await run("cp", ["-a", "-T", from, to]);
}

/** An engine sees only what the list of what to ignore lets in again. */
async function assertInContext(source: string): Promise<void> {
  const ignored = await readFile(join(root, `${dockerfile}.dockerignore`), "utf8");
  if (!ignored.split("\n").includes(`!${source}`)) throw new Error(`${source} is not in the context`);
}

/** A program of the stage is run from its folder, and its arguments lie there too. */
async function runStep({ words }: Step, { files, workdir }: Place): Promise<void> {
  const [program = "", ...args] = words.map((word) => (word.startsWith("/") ? join(files, word) : word));
  const bun = join(root, "node_modules/bun/bin/bun.exe");
  const environment = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}` };
  await run(program === "bun" ? bun : program, args, { cwd: join(files, workdir), env: environment });
}
