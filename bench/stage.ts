import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../test/kit/free-port.ts";
import { createAuthority } from "../test/kit/certificates.ts";
import type { BenchCase, Stage } from "./bench-case.ts";
import type { Child } from "./child.ts";
import { isPresent, startPeer } from "./peers/peer.ts";
import type { TlsFiles } from "./peers/peer.ts";
import { peers } from "./peers/peers.ts";
import type { PeerName } from "./peers/peers.ts";
import { startUpstream } from "./start-upstream.ts";

/** Starts the upstream and the peers of a case that this machine has, lets `play` use them, and ends them all. */
export async function withStage<Result>(
  bench: BenchCase,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const ends: (() => unknown)[] = [];
  try {
    return await play({ peers: await setUp(bench, (end) => void ends.push(end)) });
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function setUp(bench: BenchCase, after: (end: () => unknown) => void): Promise<Stage["peers"]> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-bench-"));
  after(() => rm(directory, { recursive: true, force: true }));
  const tls = bench.isTls ? await makeCertificate(directory, after) : undefined;
  const upstream = await startUpstream(directory);
  after(() => upstream.stop());
  const stage = new Map<PeerName, Child>();
  for (const name of bench.peers.filter((peer) => isPresent(peers[peer], tls !== undefined))) {
    const own = join(directory, name);
    await mkdir(own);
    const { routes = [], servers = 1 } = bench;
    const ports = { port: await freePort(), adminPort: await freePort(), upstreamPort: upstream.port };
    const place = { ...ports, directory: own };
    const child = await startPeer(peers[name], { ...place, routes, servers, tls });
    after(() => child.stop());
    stage.set(name, child);
  }
  return stage;
}

async function makeCertificate(directory: string, after: (end: () => unknown) => void): Promise<TlsFiles> {
  const authority = await createAuthority({ after });
  const { certFile, keyFile, cert, key } = await authority.issue("bench");
  const pemFile = join(directory, "bench.pem");
  await writeFile(pemFile, cert + key);
  return { certFile, keyFile, pemFile };
}
