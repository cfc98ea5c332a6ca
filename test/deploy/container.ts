import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Teardown } from "../kit/teardown.ts";
import { type HostedProgram, startHost, type TestHost } from "./hosts.ts";
import type { Image } from "./image.ts";

/** An image that runs as an engine would run it with `--read-only --cap-drop ALL --security-opt no-new-privileges`. */
export interface Container {
  readonly host: TestHost;
  readonly program: HostedProgram;
  /** The folder in which the volume's files lie. */
  readonly volume: string;
  /** Runs the image's health check in it; gives the exit code. */
  readonly checkHealth: () => Promise<number>;
}

/** Starts an image with a configuration. */
export async function startContainer(t: Teardown, image: Image, config: string): Promise<Container> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-container-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const [configs, volume] = [join(directory, "config"), join(directory, "volume")];
  for (const folder of [configs, volume, join(directory, "root")]) await mkdir(folder);
  await writeFile(join(configs, "config.yaml"), config);
  const host = await startHost(t, "container");
  await host.sh(mounts(image, directory));
  const start = (argv: readonly string[]): HostedProgram =>
    host.start("setpriv", insideOf(image, directory, argv));
  const program = start([...image.entrypoint, ...image.command]);
  return { host, program, volume, checkHealth: () => start(image.healthcheck).exited };
}

/**
 * The image's files, read-only; over them what an engine mounts: /proc, a few devices, the volume, which begins with what
 * the image has there, and a folder with the configuration.
 */
function mounts(image: Image, directory: string): string {
  const [volume = ""] = image.volumes;
  return `
    cd ${directory}
    cp -a ${image.files}${volume}/. volume && chown --reference=${image.files}${volume} volume
    chmod --reference=${image.files}${volume} volume
    mkdir -p ${image.files}/proc ${image.files}/dev
    mount --bind ${image.files} root
    mount -t tmpfs -o mode=755 tmpfs root/dev
    for device in null zero full random urandom; do
      touch root/dev/$device && mount --bind /dev/$device root/dev/$device
    done
    mount -o remount,ro root/dev
    mount --bind volume root${volume}
    mount --bind config root/etc/headgate && mount -o remount,ro,bind root/etc/headgate
    mount -o remount,ro,bind root`;
}

/** As the image's user, first in a tree of processes of its own, without any right. */
function insideOf(image: Image, directory: string, argv: readonly string[]): string[] {
  const environment = { ...image.environment, HOSTNAME: "container", PATH: "/usr/bin:/bin" };
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const processes = ["--fork", "--pid", "--kill-child", "--mount-proc"];
  const place = [`--root=${directory}/root`, `--wd=${image.workdir}`];
  const user = [`--setgid=${image.group}`, `--setuid=${image.user}`];
  return ["--no-new-privs", "env", "-i", ...variables, "unshare", ...processes, ...place, ...user, ...argv];
}
