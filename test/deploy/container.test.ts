import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import { type Container, startContainer } from "./container.ts";
import { runScript } from "./hosts.ts";
import { buildImage, type Image } from "./image.ts";

const limit = { timeout: 60_000 };

const config = `
listeners: { web: { bind: ":8090" } }
upstreams: { app: { servers: ["http://127.0.0.2:8080"] } }
routes:
  - { path: /slow, upstream: app }
  - { path: /*, respond: { body: "Hello from \${HOSTNAME}" } }
storage: /var/lib/headgate/headgate.db
shutdown: { grace: 1s, drain: 10s }
`;

describe("the image", () => {
  const ends: (() => unknown)[] = [];
  const t = { after: (run: () => unknown) => void ends.unshift(run) };
  let image: Image;

  before(async () => {
    image = await buildImage(t);
  }, limit);

  after(async () => {
    for (const end of ends) await end();
  });

  test("holds one program and no way to become another user", async () => {
    const entries = await readdir(image.files, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const stats = await Promise.all(files.map((file) => stat(file)));
    const isProgram = (file: string, index: number) =>
      ((stats[index]?.mode ?? 0) & 0o111) !== 0 && !/\.so\b/.test(file);
    assert.deepEqual(
      files.filter(isProgram).map((file) => file.slice(image.files.length)),
      image.entrypoint,
    );
    assert.ok(stats.every(({ mode }) => (mode & 0o6000) === 0));
    const size = stats.reduce((sum, one) => sum + one.size, 0);
    assert.ok(size < 125 * 2 ** 20, `${size} bytes`);
  });

  test("names the packages that are in it, for scanners, with their licences", async () => {
    const notes = await readdir(join(image.files, "var/lib/dpkg/status.d"));
    assert.deepEqual(notes.toSorted(), ["ca-certificates", "libc6", "libgcc-s1"]);
    for (const name of notes) {
      const note = await readFile(join(image.files, "var/lib/dpkg/status.d", name), "utf8");
      assert.match(note, new RegExp(`^Package: ${name}\n(.*\n)*Version: `));
    }
    const licences = await readdir(join(image.files, "usr/share/doc"));
    assert.deepEqual(licences.toSorted(), ["ca-certificates", "headgate", "libc6", "libgcc-s1"]);
  });

  test("trusts the authorities that Debian trusts", async () => {
    const bundle = await readFile(join(image.files, "etc/ssl/certs/ca-certificates.crt"), "utf8");
    assert.ok(bundle.split("-----BEGIN CERTIFICATE-----").length > 100);
  });

  test(
    "runs without rights on files that it cannot change, and ends without cutting a request",
    limit,
    async () => {
      const container = await startContainer(t, image, config);
      const { host, program, volume } = container;
      const server = runScript(host, "test/deploy/app-server.ts", ["1500", "127.0.0.2"]);
      await eventually(() => server.output().includes("ready"), 20_000);
      await ready(container);
      assert.equal(await host.sh("curl -sS http://127.0.0.1:8090/"), "Hello from container");
      assert.deepEqual(await rightsOf(await program.pid()), {
        user: Number(image.user),
        group: Number(image.group),
        capabilities: 0,
        noNewPrivileges: 1,
        pid: 1,
      });

      const slow = host.sh("curl -sS http://127.0.0.1:8090/slow");
      await eventually(async () =>
        (await host.sh("curl -sS http://127.0.0.1:9900/api/status")).includes('"inflight":1'),
      );
      await program.signal(image.stopSignal);
      await eventually(async () => (await container.checkHealth()) === 1);
      assert.equal(await slow, "127.0.0.2");
      assert.equal(await program.exited, 0, program.output());
      assert.deepEqual(await readdir(volume), ["headgate.db"]);
      assert.doesNotMatch(program.output(), / (warn|error) |EROFS|EACCES/);
    },
  );

  test("says what it lacks when nobody gives it a configuration", limit, async () => {
    const { program, host } = await startContainer(t, image, "");
    assert.equal(await program.exited, 1);
    assert.match(program.output(), /\/etc\/headgate\/config\.yaml/);
    await host.cutPower();
  });
});

async function ready(container: Container): Promise<void> {
  await eventually(async () => {
    assert.equal(await container.checkHealth(), 0, container.program.output());
  }, 20_000);
}

/** What the kernel lets a process do. */
async function rightsOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const fields = (name: string) =>
    new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1]?.split(/\s+/) ?? [];
  return {
    user: Number(fields("Uid")[0]),
    group: Number(fields("Gid")[0]),
    capabilities: Number.parseInt(fields("CapPrm")[0] ?? "", 16),
    noNewPrivileges: Number(fields("NoNewPrivs")[0]),
    pid: Number(fields("NSpid").at(-1)),
  };
}
