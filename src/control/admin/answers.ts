import * as v from "valibot";
import { refusalReasons } from "../../board/refusal-reasons.ts";

/**
 * What the admin answers, as schemas: the API's description is made of them, and tests hold real answers against them.
 * Times are in ms, instants in ms since 1970, sizes in bytes, shares from 0 to 1.
 */
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const amount = v.pipe(v.number(), v.minValue(0));

const quantiles = v.strictObject({ p50: amount, p95: amount, p99: amount });

/** Response times of the past 10 to 20 seconds; null without traffic. */
const recently = { recentResponseTimeMs: v.nullable(quantiles) };

const override = v.strictObject({
  weight: v.exactOptional(amount),
  state: v.exactOptional(v.picklist(["drain", "down"])),
  setAt: v.number(),
});

const serverEntries = {
  name: v.string(),
  url: v.string(),
  weight: amount,
  backup: v.boolean(),
  state: v.picklist(["up", "down", "ejected", "draining"]),
  inflight: count,
  load: v.nullable(v.number()),
  requests: count,
  errors: count,
  errorRate: amount,
  retries: count,
  bytesIn: count,
  bytesOut: count,
  statuses: v.strictObject({ "1xx": count, "2xx": count, "3xx": count, "4xx": count, "5xx": count }),
  responseTimeMs: v.nullable(quantiles),
  ...recently,
  trial: v.nullable(v.strictObject({ isUnderWay: v.boolean(), inMs: amount })),
  configured: v.strictObject({ weight: amount }),
  override: v.nullable(override),
};

/** One server of the status. */
export const serverAnswer = v.strictObject(serverEntries);

/** A server as the status has it. */
export type ServerAnswer = v.InferOutput<typeof serverAnswer>;

/** A server that was changed, and whether the change outlives a restart. */
export const changedServerAnswer = v.strictObject({ ...serverEntries, stored: v.boolean() });

/** What a PATCH or DELETE of a server answers. */
export type ChangedServerAnswer = v.InferOutput<typeof changedServerAnswer>;

const cluster = v.strictObject({
  node: v.string(),
  connected: v.boolean(),
  store: v.string(),
  error: v.nullable(v.string()),
  sinceMs: amount,
  ignored: count,
  exchanges: v.strictObject({ succeeded: count, failed: count }),
  exchangeMs: v.nullable(amount),
  leases: count,
  nodes: v.array(
    v.strictObject({ name: v.string(), lastSeenMs: amount, isAlive: v.boolean(), inflight: amount }),
  ),
});

const discovery = v.strictObject({
  sources: v.array(
    v.strictObject({
      kind: v.picklist(["dns", "kubernetes"]),
      name: v.string(),
      servers: count,
      lastSuccessAt: v.nullable(v.number()),
      error: v.nullable(v.string()),
      lastErrorAt: v.nullable(v.number()),
      failures: count,
    }),
  ),
  leftOut: count,
});

const problem = v.looseObject({
  file: v.exactOptional(v.string()),
  path: v.string(),
  message: v.string(),
  line: v.exactOptional(v.number()),
  column: v.exactOptional(v.number()),
});

/** `GET /api/status`. */
export const statusAnswer = v.strictObject({
  version: v.string(),
  uptimeMs: amount,
  ready: v.boolean(),
  config: v.strictObject({
    path: v.string(),
    hash: v.string(),
    loadedAt: v.number(),
    problems: v.array(problem),
  }),
  workers: count,
  listeners: v.array(
    v.strictObject({
      name: v.string(),
      bind: v.string(),
      tls: v.boolean(),
      certificatesEndAt: v.exactOptional(v.number()),
    }),
  ),
  upstreams: v.array(
    v.strictObject({
      name: v.string(),
      balance: v.string(),
      discovery: v.exactOptional(discovery),
      ...recently,
      servers: v.array(serverAnswer),
    }),
  ),
  ...recently,
  inflight: count,
  waiting: count,
  refused: v.strictObject(v.entriesFromList(refusalReasons, count)),
  cluster: v.nullable(cluster),
  storage: v.strictObject({
    path: v.nullable(v.string()),
    state: v.picklist(["off", "ok", "failing", "closed"]),
    error: v.nullable(v.string()),
  }),
});

const point = v.strictObject({
  at: v.number(),
  requests: count,
  errors: count,
  bytesIn: count,
  bytesOut: count,
  inflight: count,
  load: v.nullable(v.number()),
  p50: v.nullable(amount),
  p95: v.nullable(amount),
  p99: v.nullable(amount),
});

/** What `GET /api/status` and each of the events tell. */
export type StatusAnswer = v.InferOutput<typeof statusAnswer>;

/** `GET /api/history`. */
export const historyAnswer = v.strictObject({ stepMs: v.number(), points: v.array(point) });

/** What `GET /api/history` answers. */
export type HistoryAnswer = v.InferOutput<typeof historyAnswer>;

/** One ban; for the reason `ban`, and without refusals, where a person said so. */
export const banAnswer = v.strictObject({
  client: v.string(),
  until: v.number(),
  reason: v.picklist(refusalReasons),
  refusals: count,
});

/** `GET /api/bans`. */
export const bansAnswer = v.array(banAnswer);

/** What `GET /api/bans` answers. */
export type BansAnswer = v.InferOutput<typeof bansAnswer>;

/** A reload that was done. */
export const reloadAnswer = v.strictObject({ changes: v.array(v.string()) });

/** What a reload that was done answers. */
export type ReloadAnswer = v.InferOutput<typeof reloadAnswer>;

/** A value that is refused, place by place. */
export const refusedAnswer = v.strictObject({
  errors: v.array(problem),
});

/** Anything else that goes wrong. */
export const errorAnswer = v.strictObject({ error: v.string() });

/** `POST /api/explain`. */
export const explanationAnswer = v.looseObject({
  listener: v.string(),
  canonicalPath: v.string(),
  client: v.string(),
  refusal: v.exactOptional(
    v.looseObject({ status: count, type: v.string(), detail: v.exactOptional(v.string()) }),
  ),
  route: v.exactOptional(v.string()),
  why: v.array(v.strictObject({ route: v.string(), lost: v.string() })),
  action: v.exactOptional(v.string()),
  upstream: v.exactOptional(v.string()),
  foundBy: v.array(v.string()),
  filters: v.strictObject({ request: v.array(v.string()), response: v.array(v.string()) }),
  target: v.exactOptional(v.string()),
  servers: v.array(
    v.looseObject({
      name: v.string(),
      rank: v.nullable(count),
      why: v.string(),
      responseTimeMs: v.nullable(amount),
    }),
  ),
});

/** What `POST /api/explain` answers. */
export type ExplanationAnswer = v.InferOutput<typeof explanationAnswer>;
