import type { InferOutput } from "valibot";
import type { configSchema } from "./schema.ts";

/**
 * One validated configuration: the keys of the file with every default filled in. Durations are in ms, sizes in bytes,
 * shares are ratios from 0 to 1, what is off is false, and what is absent by default has no key.
 */
export type Config = InferOutput<typeof configSchema>;

/** An address that we accept on. */
export type ListenerConfig = Config["listeners"][string];

/** Certificates and versions of a listener. */
export type ListenerTlsConfig = NonNullable<ListenerConfig["tls"]>;

/** A group of servers with one policy. */
export type UpstreamConfig = Config["upstreams"][string];

/** One member of an upstream. `url` has neither path nor userinfo; `authorization` is the header that userinfo made. */
export type ServerConfig = UpstreamConfig["servers"][number];

/** Stickiness of an upstream. */
export type StickyConfig = NonNullable<UpstreamConfig["sticky"]>;

/** Probes of an upstream. */
export type ActiveHealthConfig = NonNullable<UpstreamConfig["health"]["active"]>;

/** What real traffic says about a server of the upstream. */
export type PassiveHealthConfig = Exclude<UpstreamConfig["health"]["passive"], false>;

/** When a failed attempt is made again. */
export type RetryConfig = UpstreamConfig["retry"];

/** Deadlines in ms; 0 = none. */
export type TimeoutsConfig = UpstreamConfig["timeouts"];

/** Where servers are found besides the listed ones. */
export type DiscoverConfig = NonNullable<UpstreamConfig["discover"]>;

/** A match and what follows from it. */
export type RouteConfig = Config["routes"][number];

/** One filter of requests: an object whose only key is its kind. */
export type RequestFilterConfig = RouteConfig["filters"]["request"][number];

/** One filter of responses: an object whose only key is its kind. */
export type ResponseFilterConfig = RouteConfig["filters"]["response"][number];

/** The limits of every route. */
export type LimitsConfig = Config["limits"];

/** The limits that a route replaces. */
export type RouteLimitsConfig = RouteConfig["limits"];

/** One limit of a rate. */
export type RateRuleConfig = LimitsConfig["rate"][number];

/** When a client is banned. */
export type BanConfig = Exclude<LimitsConfig["ban"], false>;

/** How bodies are compressed. */
export type CompressionConfig = Exclude<Config["compression"], false>;

/** Pages of errors, and the upstream statuses that they replace. */
export type ErrorPagesConfig = Config["errorPages"];

/** Where and how requests are logged. */
export type AccessLogConfig = Config["accessLog"];

/** What the nodes share. */
export type ClusterConfig = NonNullable<Config["cluster"]>;

/** Where traces go. */
export type TracingConfig = NonNullable<Config["tracing"]>;

/** The admin's address and token. */
export type AdminConfig = Config["admin"];
