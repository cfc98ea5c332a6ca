import * as headgate from "./headgate.ts";
import * as others from "./others.ts";
import type { Peer } from "./peer.ts";
import * as scripts from "./scripts.ts";

/** Everybody that a case can name. */
export const peers = {
  "bare-bun": scripts.bareBun,
  "proper-bun": scripts.properBun,
  headgate: headgate.headgate,
  "headgate-log": headgate.headgateLog,
  "headgate-2": headgate.headgateTwo,
  "headgate-limits": headgate.headgateLimits,
  "headgate-everything": headgate.headgateEverything,
  "headgate-gzip": headgate.headgateGzip,
  "headgate-unseen": headgate.headgateUnseen,
  "headgate-watched": headgate.headgateWatched,
  "headgate-traced": headgate.headgateTraced,
  nginx: others.nginx,
  "nginx-log": others.nginxLog,
  "nginx-2": others.nginxTwo,
  "nginx-gzip": others.nginxGzip,
  haproxy: others.haproxy,
  caddy: others.caddy,
  "http-proxy": scripts.httpProxy,
  fastify: scripts.fastify,
} satisfies Record<string, Peer>;

/** The name of a peer. */
export type PeerName = keyof typeof peers;
