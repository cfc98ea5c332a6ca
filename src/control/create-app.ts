import process from "node:process";
import { Hono } from "hono";
import { createBoard, openBoard } from "../board/board.ts";
import { createDeadlines } from "../data/forward/deadlines.ts";
import { answer } from "../data/life-of-a-request.ts";
import { createAccessLog } from "../data/log/access-log.ts";
import { createPipeline } from "../data/pipeline.ts";
import { createClients } from "../data/upstream/clients.ts";
import { host } from "../runtime/current.ts";
import { ConfigError } from "./config-error.ts";
import { readConfig } from "./read-config.ts";
import { createSnapshot } from "./reloader.ts";
import { createSecret } from "./create-secret.ts";
import { createServerRows } from "./server-rows.ts";

/** The data plane as a Hono app: mount it in another, or call its `fetch`. */
export type App = Hono & {
  /** Stops what goes on by itself, and writes the rest of the access log. */
  close(): Promise<void>;
};

const CAPACITY = 4096;
const TICK_MS = 1000;

/**
 * Makes the data plane of a configuration, without listeners: requests come in by `app.fetch(request, env)`.
 *
 * `env` is what the runtime hands to a server's handler (Bun's server, Deno's connection info); without it clients have
 * no address. The configuration has the same keys as the file; what it says of `listeners`, `admin` and `workers` is
 * not used. Rejects with an error that names everything that is wrong with it.
 */
export async function createApp(config: unknown): Promise<App> {
  const read = await readConfig({ value: config }, { env: process.env, lacks: host.lacks });
  if ("problems" in read) throw new ConfigError(read.problems);
  const memory = createBoard({ capacity: CAPACITY, workers: 1 });
  const control = openBoard(memory, "control");
  const snapshot = createSnapshot(read, createServerRows(control), {
    version: 1,
    stickySecret: createSecret(),
  });
  const log = createAccessLog(read.config.accessLog, host);
  const pipeline = createPipeline(snapshot, {
    host,
    board: openBoard(memory, 0),
    memory,
    workerIndex: 0,
    notify: () => {},
    deadlines: createDeadlines(host.time),
    clients: createClients(host),
    log,
    report: (message) => void process.stderr.write(`${message}\n`),
  });
  const ticking = host.time.every(TICK_MS, () => control.tick(host.time.now()));
  const arrival = { listener: "", scheme: "http", isTrusted: () => false, hasTrusted: false } as const;
  const app = new Hono();
  app.all("*", async ({ req, env }) => {
    const scheme = req.url.startsWith("https:") ? "https" : "http";
    const response = await answer(req.raw, connectionIn(env), { arrival: { ...arrival, scheme }, pipeline });
    return response ?? new Response(null);
  });
  return Object.assign(app, {
    close() {
      ticking.stop();
      return log.close();
    },
  });
}

/** Hono's adapters hand the server on as the environment, or in it. */
function connectionIn(env: unknown): unknown {
  const { server } = (env ?? {}) as { server?: unknown };
  return server ?? env;
}
