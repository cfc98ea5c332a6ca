import * as v from "valibot";
import type {
  CompressionConfig,
  Config,
  ErrorPagesConfig,
  LimitsConfig,
  RouteConfig,
  TimeoutsConfig,
  UpstreamConfig,
} from "./config.ts";
import { compressionSchema } from "./schema/compression.ts";

/** The limits of a route: its own keys before the global ones. `concurrency.total` counts the route alone where it gives it. */
export function limitsOf(config: Pick<Config, "limits">, route: Pick<RouteConfig, "limits">): LimitsConfig {
  return { ...config.limits, ...route.limits };
}

/** The compression of a route; what neither says is as in `compression: true`. */
export function compressionOf(
  config: Pick<Config, "compression">,
  { compression }: Pick<RouteConfig, "compression">,
): CompressionConfig | false {
  if (compression === undefined) return config.compression;
  if (compression === false) return false;
  const base = config.compression === false ? v.parse(compressionSchema, true) : config.compression;
  return base === false ? false : { ...base, ...compression };
}

/** The error pages of a route: its own before the global ones, page by page. */
export function errorPagesOf(
  { errorPages }: Pick<Config, "errorPages">,
  { errorPages: own }: Pick<RouteConfig, "errorPages">,
): ErrorPagesConfig {
  return {
    pages: { ...errorPages.pages, ...own.pages },
    intercept: own.intercept ?? errorPages.intercept,
  };
}

/** The deadlines of a route toward one of its upstreams. */
export function timeoutsOf(
  upstream: Pick<UpstreamConfig, "timeouts">,
  route: Pick<RouteConfig, "timeouts">,
): TimeoutsConfig {
  return { ...upstream.timeouts, ...route.timeouts };
}
