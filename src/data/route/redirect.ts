import { CheckedFields } from "../../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import type { RouteConfig } from "../../config/config.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { throughStage } from "../transform/own-answer.ts";
import type { Stage } from "../transform/stage.ts";

/**
 * Answers with a redirect: `$scheme`, `$host`, `$path` and `$query` (with its `?`) are those of the request, `$target` is
 * path and query as the route's rewrite makes them.
 */
export function createRedirect(
  config: NonNullable<RouteConfig["redirect"]>,
  stage: Stage | undefined,
): (exchange: Exchange) => OutgoingAnswer | Promise<OutgoingAnswer> {
  return (exchange) => {
    const location = config.to.replaceAll(VARIABLES, (_, name: Variable) => exchange[name]);
    const { status } = config;
    return stage
      ? throughStage(stage, exchange, { status, headers: { location }, body: null })
      : { status, headers: new CheckedFields({ location }), body: null };
  };
}

type Variable = "scheme" | "host" | "path" | "query" | "target";

const VARIABLES = /\$(scheme|host|path|query|target)\b/g;
