import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";

import { parse } from "yaml";

import { loadConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problem.ts";
import type { Teardown } from "../kit/teardown.ts";
import { lastOf, readStages, root, type Stage, valuesOf } from "./dockerfile.ts";

const run = promisify(execFile);
const folder = join(root, "deploy/docker");
const final = readStages().at(-1) as Stage;
const version = valuesOf(final.steps, "LABEL")["org.opencontainers.image.version"];

/** A service as Compose reads it; what tests look at. */
interface Service {
  readonly image: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

/** What Compose makes of the file, with the secrets of the example. */
async function readServices(): Promise<Readonly<Record<string, Service>>> {
  const ends: (() => unknown)[] = [];
  const t: Teardown = { after: (end) => void ends.push(end) };
  const directory = await mkdtemp(join(tmpdir(), "headgate-compose-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  try {
    await cp(folder, directory, { recursive: true });
    await copyFile(join(folder, "store.env.example"), join(directory, "store.env"));
    const { stdout } = await run("docker-compose", ["-f", join(directory, "compose.yaml"), "config"]);
    return (parse(stdout) as { readonly services: Record<string, Service> }).services;
  } finally {
    for (const end of ends) await end();
  }
}

describe("the Compose file", () => {
  let services: Readonly<Record<string, Service>> = {};

  before(async () => {
    services = await readServices();
  });

  test("has two nodes, a store, and servers, and Compose understands all of it", () => {
    assert.deepEqual(Object.keys(services).toSorted(), [
      "app-a",
      "app-b",
      "headgate-a",
      "headgate-b",
      "store",
    ]);
  });

  test("lets nobody write but into volumes, or gain a right", () => {
    for (const [name, service] of Object.entries(services)) {
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.cap_drop, ["ALL"], name);
      assert.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
      assert.ok(
        (service.volumes ?? []).every((volume) => volume.endsWith(":ro") || /^state-[ab]:/.test(volume)),
        name,
      );
    }
  });

  test("runs the image that the Dockerfile makes, and releases of the others", () => {
    const { store, ...ours } = services;
    assert.match(store?.image ?? "", /^valkey\/valkey:\d+\.\d+\.\d+/);
    for (const [name, { image }] of Object.entries(ours)) assert.equal(image, `headgate:${version}`, name);
  });

  test("has a health check everywhere", () => {
    assert.ok(services["store"]?.healthcheck);
    assert.ok(lastOf(final, "HEALTHCHECK").isExact); // of the others, by their image
  });

  test("has no secret in itself, and hands them over by the environment", async () => {
    const text = await readFile(join(folder, "compose.yaml"), "utf8");
    assert.doesNotMatch(text, /change-me/);
    assert.deepEqual(Object.keys(services["headgate-a"]?.environment ?? {}).toSorted(), ["STORE_PASSWORD"]);
  });

  for (const file of ["config.yaml", "app.yaml"]) {
    test(`${file} is a configuration that runs, and ends within the time that Compose gives`, async () => {
      const text = await readFile(join(folder, "config", file), "utf8");
      const env = { ...services["headgate-a"]?.environment, HOSTNAME: "headgate-a" };
      const loaded = loadConfig(text, { file, env });
      assert.ok(
        "config" in loaded,
        "problems" in loaded ? loaded.problems.map(describeProblem).join("\n") : "",
      );
      const { grace, drain } = loaded.config.shutdown;
      assert.ok(Number.parseInt(services["headgate-a"]?.stop_grace_period ?? "", 10) * 1_000 > grace + drain);
    });
  }
});
