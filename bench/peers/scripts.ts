import process from "node:process";
import type { Peer, Place } from "./peer.ts";
import { pathTo } from "./program-path.ts";

/** So that no peer on `fetch` stops at 256 requests in flight. */
const bunEnv = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };

/** What needs no configuration file: one script, one route, one server. */
const script = {
  program: undefined,
  template: undefined,
  workers: 1,
  accessLog: "off",
  toRoute: () => "",
  toServer: () => "",
};

function onBun(name: string): Peer {
  return {
    ...script,
    name,
    toCommand: (place) => [process.execPath, pathTo(`${name}.ts`), ...argumentsOf(place)],
    toTls: () => "", // as arguments
    env: bunEnv,
  };
}

function onNode(name: string): Peer {
  return {
    ...script,
    name,
    program: "node",
    toCommand: (place) => ["node", pathTo(`${name}.mjs`), ...argumentsOf(place)],
  };
}

function argumentsOf({ port, upstreamPort, tls }: Place): string[] {
  const files = tls ? [tls.certFile, tls.keyFile] : [];
  return [String(port), `http://127.0.0.1:${upstreamPort}`, ...files];
}

/** `Bun.serve` and `fetch`, nothing else. */
export const bareBun = onBun("bare-bun");

/** What `bare-bun` would have to do at the least to be a reverse proxy, on `fetch`. */
export const properBun: Peer = onBun("proper-bun");

/** The proxy that most programs on Node take. */
export const httpProxy = onNode("http-proxy");

/** The one that those on Fastify take. */
export const fastify = onNode("fastify");
