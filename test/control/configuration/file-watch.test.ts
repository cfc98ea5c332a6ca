import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { watchFiles } from "../../../src/control/configuration/file-watch.ts";
import { systemTime } from "../../../src/runtime/time.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import type { Teardown } from "../../kit/teardown.ts";

async function createDirectory(t: Teardown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-watch-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function watchAndCount(t: Teardown, files: () => readonly string[]): Promise<() => number> {
  let changes = 0;
  const watch = await watchFiles({
    files,
    time: systemTime,
    failed: (directory, error) => assert.fail(`${directory}: ${String(error)}`),
    async changed() {
      changes += 1;
    },
  });
  t.after(() => watch.close());
  return () => changes;
}

describe("file watch", () => {
  test("sees a file that is written in place, again and again", async (t) => {
    const file = join(await createDirectory(t), "config.yaml");
    await writeFile(file, "one");
    const changes = await watchAndCount(t, () => [file]);
    await writeFile(file, "second");
    await eventually(() => changes() === 1);
    await writeFile(file, "the third");
    await eventually(() => changes() === 2);
  });

  test("sees a file that an editor replaces by renaming, also the second time", async (t) => {
    const directory = await createDirectory(t);
    const file = join(directory, "config.yaml");
    await writeFile(file, "one");
    const changes = await watchAndCount(t, () => [file]);
    for (const round of [1, 2]) {
      await writeFile(join(directory, ".swap"), `text ${round}`);
      await rename(join(directory, ".swap"), file);
      await eventually(() => changes() === round);
    }
  });

  test("sees a link swapped as Kubernetes does it", async (t) => {
    const directory = await createDirectory(t);
    for (const version of ["..1", "..2"]) {
      await mkdir(join(directory, version));
      await writeFile(join(directory, version, "config.yaml"), `version ${version}`);
    }
    await symlink("..1", join(directory, "..data"));
    await symlink(join("..data", "config.yaml"), join(directory, "config.yaml"));
    const changes = await watchAndCount(t, () => [join(directory, "config.yaml")]);
    await symlink("..2", join(directory, "..data_tmp"));
    await rename(join(directory, "..data_tmp"), join(directory, "..data"));
    await eventually(() => changes() === 1);
  });

  test("does not mind other files of the directory", async (t) => {
    const directory = await createDirectory(t);
    const file = join(directory, "config.yaml");
    await writeFile(file, "one");
    const changes = await watchAndCount(t, () => [file]);
    await writeFile(join(directory, "access.log"), "a line");
    await pause(300); // there is nothing to wait for
    assert.equal(changes(), 0);
  });

  test("sees a change while a log beside it is written without a pause", async (t) => {
    const directory = await createDirectory(t);
    const file = join(directory, "config.yaml");
    await writeFile(file, "one");
    const changes = await watchAndCount(t, () => [file]);
    const writing = setInterval(() => void appendFile(join(directory, "access.log"), "a line\n"), 20);
    t.after(() => clearInterval(writing));
    await writeFile(file, "second");
    await eventually(() => changes() === 1);
  });

  test("watches files that come to be named later", async (t) => {
    const [config, page] = [
      join(await createDirectory(t), "config.yaml"),
      join(await createDirectory(t), "404.html"),
    ];
    await writeFile(config, "one");
    await writeFile(page, "one");
    const files = [config];
    const changes = await watchAndCount(t, () => files);
    files.push(page);
    await writeFile(config, "second");
    await eventually(() => changes() === 1);
    await pause(150); // the second watch begins after the change was handled
    await writeFile(page, "second");
    await eventually(() => changes() === 2);
  });
});
