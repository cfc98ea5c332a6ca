import { toResponse } from "../http/outgoing-answer.ts";
import process from "node:process";
import { Hono } from "hono";
import type { Arrival } from "../data/exchange/arrival.ts";
import { type Plane, startPlane } from "../data/plane.ts";
import { host } from "../runtime/current.ts";
import { ConfigError } from "./configuration/config-error.ts";
import type { Headgate } from "./headgate.ts";
import { createLog, type Log } from "./log.ts";
import { toCrew } from "./workers/main-thread-crew.ts";
import { type ReadConfig, readConfig, type Reading } from "./configuration/read-config.ts";
import { startRead } from "./start.ts";

/** The data plane as a Hono app: mount it in another, or call its `fetch`. */
export type App = Hono & {
  /** Stops what goes on by itself, such as health checks, and writes the rest of the access log. */
  close(): Promise<void>;
};

/**
 * Makes the data plane of a configuration, without listeners: requests come in by `app.fetch(request, env)`.
 *
 * `env` is what the runtime hands to a server's handler (Bun's server, Deno's connection info); without it clients have
 * no address. The configuration has the same keys as the file; what it says of `listeners`, `admin` and `workers` is
 * not used. Rejects with an error that names everything that is wrong with it.
 */
export async function createApp(config: unknown): Promise<App> {
  const read = await readEmbedded(config);
  if ("problems" in read) throw new ConfigError(read.problems);
  const { plane, headgate } = await startEmbedded(read, asksForStorage(config));
  const app = new Hono();
  app.all("*", async ({ req, env }) => {
    const answer = await plane.answer(req.raw, connectionIn(env), arrivalOf(req.url));
    return answer ? toResponse(answer) : new Response(null);
  });
  return Object.assign(app, { close: () => headgate.stop() });
}

/** A program that embeds us shall not find a file that it did not ask for. */
function asksForStorage(config: unknown): boolean {
  return typeof config === "object" && config !== null && "storage" in config;
}

async function startEmbedded(
  read: ReadConfig,
  isStoring: boolean,
): Promise<{ plane: Plane; headgate: Headgate }> {
  const embedded: { plane?: Plane } = {};
  const headgate = await startRead(read, {
    host,
    log: quietLog(),
    env: process.env,
    workerCount: 1,
    ...(!isStoring && { storage: false }),
    source: { value: read.config },
    read: readEmbedded,
    async startCrew(options) {
      embedded.plane = await startPlane({ ...options, workerIndex: 0, isShared: false, ports: {} });
      return toCrew(embedded.plane);
    },
  });
  if (!embedded.plane) throw new Error("Cannot make the app: its data plane did not start");
  return { plane: embedded.plane, headgate };
}

async function readEmbedded(value: unknown): Promise<Reading> {
  const read = await readConfig({ value }, { env: process.env, lacks: host.lacks });
  if ("problems" in read) return read;
  const { config } = read;
  return { ...read, config: { ...config, listeners: {}, admin: { ...config.admin, bind: false } } };
}

/** What goes well is the program's own to tell. */
function quietLog(): Log {
  const log = createLog({ write: (line) => void process.stderr.write(line), now: () => host.time.now() });
  return { ...log, info: () => {} };
}

function arrivalOf(url: string): Arrival {
  const scheme = url.startsWith("https:") ? "https" : "http";
  return { listener: "", scheme, isTrusted: () => false, hasTrusted: false };
}

/** Hono's adapters hand the server on as the environment, or in it. */
function connectionIn(env: unknown): unknown {
  const { server } = (env ?? {}) as { server?: unknown };
  return server ?? env;
}
