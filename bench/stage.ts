import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort } from "../test/kit/free-port.ts";
import type { BenchCase } from "./bench-case.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";
import { isPresent, startPeer } from "./peers/peer.ts";
import { peers } from "./peers/peers.ts";
import type { PeerName } from "./peers/peers.ts";

/** The peers of a case, running. */
export interface Stage {
  readonly peers: ReadonlyMap<PeerName, Child>;
}

/** Starts the upstream and the peers of a case that this machine has, lets `play` use them, and ends them all. */
export async function withStage<Result>(
  { peers: names, routes = [] }: BenchCase,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-bench-"));
  const running: Child[] = [];
  try {
    const upstream = await startUpstream(directory);
    running.push(upstream);
    const stage = new Map<PeerName, Child>();
    for (const name of names.filter((peer) => isPresent(peers[peer]))) {
      const own = join(directory, name);
      await mkdir(own);
      const setting = { port: await freePort(), upstreamPort: upstream.port, directory: own, routes };
      const child = await startPeer(peers[name], setting);
      running.push(child);
      stage.set(name, child);
    }
    return await play({ peers: stage });
  } finally {
    await Promise.all(running.map((child) => child.stop()));
    await rm(directory, { recursive: true, force: true });
  }
}

async function startUpstream(directory: string): Promise<Child> {
  const port = await freePort();
  const script = fileURLToPath(new URL("upstream.ts", import.meta.url));
  return startChild({
    name: "the upstream",
    command: [process.execPath, script, String(port), directory],
    port,
  });
}
