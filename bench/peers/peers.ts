import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Peer, Place } from "./peer.ts";

/** So that no peer on Bun stops at 256 requests in flight. */
const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };

const bareBun: Peer = {
  name: "bare-bun",
  program: undefined,
  template: undefined,
  workers: 1,
  accessLog: "off",
  toRoute: () => "",
  toCommand: ({ port, upstreamPort }) => [
    process.execPath,
    pathTo("bare-bun.ts"),
    String(port),
    `http://127.0.0.1:${upstreamPort}`,
  ],
  env,
};

/** What `bare-bun` would have to do at the least to be a reverse proxy. */
const properBun: Peer = {
  ...bareBun,
  name: "proper-bun",
  toCommand: ({ port, upstreamPort }) => [
    process.execPath,
    pathTo("proper-bun.ts"),
    String(port),
    `http://127.0.0.1:${upstreamPort}`,
  ],
};

const headgate: Peer = {
  name: "headgate",
  program: undefined,
  template: "headgate.yaml.template",
  workers: 1,
  accessLog: '{ format: "off" }',
  toRoute: (prefix) => `  - { path: ${prefix}/*, upstream: app }`,
  toCommand: ({ configFile }) => [process.execPath, pathTo("../../src/main.ts"), "run", "-c", configFile],
  env,
};

/** Lets each client have little; the routes that a case adds are for the asking. */
const headgateLimits: Peer = {
  ...headgate,
  name: "headgate-limits",
  template: "headgate-limits.yaml.template",
  toRoute: (prefix) =>
    `  - { path: ${prefix}/*, upstream: app, limits: { rate: [{ key: client-ip, rate: 1000000/s }] } }`,
};

const nginx: Peer = {
  name: "nginx",
  program: "nginx",
  template: "nginx.conf",
  workers: 1,
  accessLog: "off",
  toRoute: (prefix) => `    location ${prefix}/ { proxy_pass http://app; }`,
  toCommand: ({ configFile, directory }) => ["nginx", "-p", directory, "-e", "stderr", "-c", configFile],
};

const haproxy: Peer = {
  name: "haproxy",
  program: "haproxy",
  template: "haproxy.cfg",
  workers: 1,
  accessLog: "",
  toRoute: (prefix) => `  use_backend app if { path_beg ${prefix}/ }`,
  toCommand: ({ configFile }: Place) => ["haproxy", "-q", "-db", "-f", configFile],
};

/** Everybody that a case can name; the first is what the others are compared with. */
export const peers = {
  "bare-bun": bareBun,
  "proper-bun": properBun,
  headgate,
  "headgate-log": { ...headgate, name: "headgate-log", accessLog: "{ output: DIRECTORY/access.log }" },
  "headgate-2": { ...headgate, name: "headgate-2", workers: 2 },
  "headgate-limits": headgateLimits,
  nginx,
  "nginx-log": { ...nginx, name: "nginx-log", accessLog: "DIRECTORY/access.log" },
  "nginx-2": { ...nginx, name: "nginx-2", workers: 2 },
  haproxy,
} satisfies Record<string, Peer>;

/** The name of a peer. */
export type PeerName = keyof typeof peers;

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
