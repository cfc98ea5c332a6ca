import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { loadConfig } from "../../src/config/load.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const file = join(root, "deploy/systemd/headgate.service");

function seconds(text = ""): number {
  return Number(/=(\d+)s$/.exec(text)?.[1] ?? Number.NaN);
}

describe("the systemd unit", () => {
  test("says nothing that systemd does not understand", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "headgate-unit-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const copy = join(directory, "headgate.service");
    const text = await readFile(file, "utf8");
    await writeFile(copy, text.replace("=/usr/local/bin/headgate", `=${process.execPath}`)); // it must exist
    const { stderr } = await run("systemd-analyze", ["verify", "--man=no", copy]);
    assert.deepEqual(
      stderr.split("\n").filter((line) => line.includes(copy) || line.includes("headgate.service")),
      [],
    );
  });

  test("is exposed little, as systemd counts it", async () => {
    await run("systemd-analyze", ["security", "--offline=true", "--threshold=20", file]); // 10 = 1.0
  });

  test("waits for longer than a shutdown by the guide may take", async () => {
    const guide = await readFile(join(root, "docs/high-availability.md"), "utf8");
    const example = /^```yaml\n(.*?)^```$/ms.exec(guide)?.[1] ?? "";
    const loaded = loadConfig(example, { file: "config.yaml", env: {} });
    assert.ok("config" in loaded);
    const { grace, drain } = loaded.config.shutdown;
    const unit = await readFile(file, "utf8");
    const limit = seconds(/^TimeoutStopSec=.*$/m.exec(unit)?.[0]);
    assert.ok(limit * 1_000 > grace + drain, `${limit} s against ${grace} + ${drain} ms`);
  });
});
