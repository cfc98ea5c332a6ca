import type { RouteConfig } from "../../config/config.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** Answers with a redirect: `$scheme`, `$host`, `$path` and `$query` (with its `?`) are those of the request. */
export function createRedirect(
  config: NonNullable<RouteConfig["redirect"]>,
): (exchange: Exchange) => Response {
  return (exchange) => {
    const location = config.to.replaceAll(VARIABLES, (_, name: Variable) => exchange[name]);
    return new Response(null, { status: config.status, headers: { location } });
  };
}

type Variable = "scheme" | "host" | "path" | "query";

const VARIABLES = /\$(scheme|host|path|query)\b/g;
