import * as v from "valibot";
import { durationUnit } from "../units.ts";
import { discoverSchema } from "./discover.ts";
import {
  block,
  choice,
  flag,
  listOf,
  mapOf,
  offOr,
  parsed,
  someOf,
  someText,
  text,
  wholeNumber,
  wordOf,
} from "./forms.ts";
import { healthSchema } from "./health.ts";
import { cookieName, headerName, headerValue, method, name, sourceOf, status } from "./http-words.ts";
import { anyDuration, duration, positiveDuration, share, size } from "./quantities.ts";
import { serverSchema } from "./servers.ts";

const balance = wordOf(
  "round-robin",
  "least-connections",
  "power-of-two",
  "response-time",
  "reported-load",
  "hash",
  "random",
);

const queue = block({
  size: v.optional(wholeNumber({ min: 0, max: 1_000_000 }), 0),
  timeout: v.optional(duration, "1s"),
});

const maxAge = choice(
  [v.literal("session", "session"), anyDuration],
  (input) => (input === "session" ? 0 : 1),
  (message) => `session, or ${message}`,
);

const sticky = block({
  cookie: v.optional(cookieName, "headgate"),
  maxAge: v.optional(maxAge, "session"),
  secrets: v.exactOptional(someOf(someText)),
});

const failure = wordOf("connect", "reset", "timeout");

const retryOn = choice(
  [failure, status],
  (input) => (/^[a-z]/i.test(String(input)) ? 0 : 1),
  () => "connect, reset, timeout, or a status from 200 to 599",
);

/** When a failed attempt is made again on another server. */
export const retrySchema = block({
  attempts: v.optional(wholeNumber({ min: 0, max: 10 }), 1),
  on: v.optional(listOf(retryOn), ["connect", "reset", "timeout", 502, 503, 504]),
  methods: v.optional(listOf(method), ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]),
  bodyLimit: v.optional(size, "64KiB"),
  budget: v.optional(share, "20%"),
  backoff: v.optional(duration, "25ms"),
});

const hedge = parsed<"p95" | number>({
  allowed: `p95, or ${durationUnit.allowed}`,
  pattern: `^p95$|${durationUnit.pattern}`,
  parse: (input) => (input === "p95" ? "p95" : durationUnit.parse(input)),
});

/** The deadlines of an exchange; 0 = none. */
export const timeoutsSchema = block({
  connect: v.optional(duration, "2s"),
  response: v.optional(duration, "30s"),
  idle: v.optional(duration, "60s"),
  total: v.optional(duration, "0s"),
});

const load = block({
  header: v.optional(headerName, "endpoint-load-metrics"),
  expire: v.optional(positiveDuration, "3m"),
});

const upstreamTls = block({
  ca: v.optional(text, ""),
  serverName: v.optional(text, ""),
  verify: v.optional(flag, true),
  cert: v.optional(text, ""),
  key: v.optional(text, ""),
});

/** A group of servers with one policy. */
export const upstreamSchema = block({
  balance: v.optional(balance, "power-of-two"),
  hash: v.optional(sourceOf(["client-ip", "path"], ["header", "cookie", "query"]), "client-ip"),
  servers: v.optional(listOf(serverSchema), []),
  slowStart: v.optional(duration, "0s"),
  queue: v.optional(queue, {}),
  sticky: v.exactOptional(sticky),
  health: v.optional(healthSchema, {}),
  retry: v.optional(retrySchema, {}),
  hedge: v.optional(offOr(hedge), "off"),
  timeouts: v.optional(timeoutsSchema, {}),
  load: v.optional(load, {}),
  hostHeader: v.optional(v.pipe(headerValue, v.minLength(1, "preserve, upstream or a host")), "preserve"),
  tls: v.optional(upstreamTls, {}),
  discover: v.exactOptional(discoverSchema),
});

/** The upstreams by name. */
export const upstreamsSchema = mapOf(name, upstreamSchema);
