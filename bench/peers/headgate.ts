import process from "node:process";
import type { Peer } from "./peer.ts";
import { pathTo } from "./program-path.ts";

/** As it comes, but for the log. */
export const headgate: Peer = {
  name: "headgate",
  program: undefined,
  template: "headgate.yaml.template",
  workers: 1,
  accessLog: '{ format: "off" }',
  toRoute: (prefix) => `  - { path: ${prefix}/*, upstream: app }`,
  toServer: (port, index) => `      - { url: http://127.0.0.1:${port}, name: server-${index} }`,
  toTls: ({ certFile, keyFile }) => `    tls: { certificates: [{ cert: ${certFile}, key: ${keyFile} }] }`,
  toCommand: ({ configFile }) => [process.execPath, pathTo("../../src/main.ts"), "run", "-c", configFile],
};

/** With a log in a file. */
export const headgateLog = {
  ...headgate,
  name: "headgate-log",
  accessLog: "{ output: DIRECTORY/access.log }",
};

/** With two workers. */
export const headgateTwo = { ...headgate, name: "headgate-2", workers: 2 };

/** Lets each client have little; the routes that a case adds are for the asking. */
export const headgateLimits: Peer = {
  ...headgate,
  name: "headgate-limits",
  template: "headgate-limits.yaml.template",
  toRoute: (prefix) =>
    `  - { path: ${prefix}/*, upstream: app, limits: { rate: [{ key: client-ip, rate: 1000000/s }] } }`,
};

/** All that a careful operator would switch on. */
export const headgateEverything: Peer = {
  ...headgateLog,
  name: "headgate-everything",
  template: "headgate-everything.yaml.template",
};

/** Keeps nothing, shows nothing, logs nothing. */
export const headgateUnseen: Peer = {
  ...headgate,
  name: "headgate-unseen",
  template: "headgate-unseen.yaml.template",
};

/** Keeps what happens, and has an admin that a case watches. */
export const headgateWatched: Peer = {
  ...headgate,
  name: "headgate-watched",
  template: "headgate-watched.yaml.template",
};

/** The same, and one request in a hundred is traced. */
export const headgateTraced: Peer = {
  ...headgateWatched,
  name: "headgate-traced",
  template: "headgate-traced.yaml.template",
};

/** With gzip at its fastest. */
export const headgateGzip: Peer = {
  ...headgate,
  name: "headgate-gzip",
  template: "headgate-gzip.yaml.template",
};
