import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { validate } from "dockerfile-utils";

import { dockerfile, lastOf, readStages, root, type Stage, valuesOf } from "./dockerfile.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly license: string;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const stages = readStages();
const final = stages.at(-1) as Stage;
const steps = stages.flatMap((stage) => stage.steps);

/** Beside what the linter knows, the rules of hadolint that apply here: DL3000, 3002, 3006, 3007, 3020, 3025, 4000, 4006. */
describe("the Dockerfile", () => {
  test("has nothing to complain of for the linter", () => {
    const text = readFileSync(join(root, dockerfile), "utf8");
    const found = validate(text).map(({ range, message }) => ({ line: range.start.line + 1, message }));
    assert.deepEqual(found, []);
  });

  test("begins with releases, never with what a name means today", () => {
    const bases = stages.map(({ base }) => base);
    const loose = bases.filter((base) => base !== "scratch" && !/^[\w/]+:\d+\.\d+[\w.-]*$/.test(base));
    assert.deepEqual(loose, []);
    assert.equal(final.base, "scratch");
  });

  test("builds with the Bun that the project is tried with", () => {
    const [build] = stages;
    assert.match(build?.base ?? "", new RegExp(`^oven/bun:${manifest.devDependencies["bun"]}\\b`));
  });

  test("runs programs without a shell, and from absolute folders", () => {
    const commands = steps.filter(({ keyword }) => /^(RUN|CMD|ENTRYPOINT|HEALTHCHECK)$/.test(keyword));
    assert.deepEqual(
      commands.filter(({ isExact }) => !isExact),
      [],
    );
    const folders = steps.filter(({ keyword }) => keyword === "WORKDIR").map(({ words }) => words[0] ?? "");
    assert.deepEqual(
      folders.filter((folder) => !folder.startsWith("/")),
      [],
    );
    assert.ok(steps.every(({ keyword }) => !["ADD", "MAINTAINER", "SHELL", "ONBUILD"].includes(keyword)));
  });

  test("installs what the lock file says before it copies the sources, so that this layer is kept", () => {
    const build = stages[0]?.steps.map(({ words }) => words.join(" ")) ?? [];
    const install = build.findIndex((words) => /bun install .*--frozen-lockfile/.test(words));
    assert.ok(install > 0 && install < build.indexOf("src src"));
  });

  test("runs as a user without rights, by number, so that an orchestrator can tell", () => {
    assert.match(lastOf(final, "USER").words[0] ?? "", /^[1-9]\d*:[1-9]\d*$/);
  });

  test("says how to stop it, how it does, and what it keeps", () => {
    assert.equal(lastOf(final, "STOPSIGNAL").words[0], "SIGTERM");
    const [program, command] = lastOf(final, "HEALTHCHECK").words;
    assert.deepEqual([program, command], [lastOf(final, "ENTRYPOINT").words[0], "health"]);
    assert.deepEqual(lastOf(final, "VOLUME").words, [lastOf(final, "WORKDIR").words[0]]);
  });

  test("labels the image with the version and the licence of the package", () => {
    const labels = valuesOf(final.steps, "LABEL");
    assert.equal(labels["org.opencontainers.image.version"], manifest.version);
    assert.equal(labels["org.opencontainers.image.licenses"], manifest.license);
  });
});

describe("the scripts of deploy", () => {
  for (const script of ["deploy/docker/make-system.sh", "deploy/keepalived/handover.sh"]) {
    test(`${script} has nothing to complain of for shellcheck`, async () => {
      await promisify(execFile)("shellcheck", ["--norc", join(root, script)]);
    });
  }
});
