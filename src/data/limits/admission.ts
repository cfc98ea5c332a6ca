import type { Config, RouteConfig } from "../../config/config.ts";
import { limitsOf } from "../../config/effective.ts";
import { createCidrSet } from "../../http/address/cidr-set.ts";
import type { Refusal } from "../../http/failures.ts";
import { clientPrefix } from "../../http/address/ip-address.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { checkAccess } from "./access.ts";
import { checkBan, createStrike } from "./bans.ts";
import { challengesOf, checkChallenge } from "./challenge.ts";
import { countDenial } from "./denial.ts";
import type { Check, Denial, LimitTools } from "./denial.ts";
import { checkShed } from "./shed.ts";
import { checkBody, checkHeaders, checkUri } from "./sizes.ts";
import { checkUploadRate } from "./upload-rate.ts";
import { checkUse } from "./use.ts";

/** Says whether an exchange may use the route that it found; undefined where it may. */
export type Admission = (exchange: Exchange) => Refusal | undefined;

/** A route whose admission is asked for; undefined stands for the answer that there is none. */
export type AdmittedRoute = Pick<RouteConfig, "name" | "limits" | "access"> | undefined;

/** Prepares the admission to a route, which counts what it refuses. Undefined where all may pass. */
export function createAdmission(
  config: Pick<Config, "limits">,
  route: AdmittedRoute,
  tools: LimitTools,
): Admission | undefined {
  const judge = createJudge(config, route, tools);
  if (!judge) return undefined;
  const { ban } = limitsFor(config, route);
  const strike = ban && createStrike(ban, tools);

  function note(exchange: Exchange, reason: Denial["reason"]): void {
    countDenial(reason, tools);
    if (strike) strike(exchange, reason);
  }

  function noteBody(exchange: Exchange): void {
    if (exchange.isBodyTooLong) note(exchange, "body");
    if (exchange.isBodyTooSlow) note(exchange, "upload_rate");
  }

  return (exchange) => {
    const denial = judge(exchange);
    if (denial) note(exchange, denial.reason);
    else if (hasWatchedBody(exchange)) exchange.atEnd(() => noteBody(exchange));
    return denial?.refusal;
  };
}

/** What is wrong with a body shows while it comes. */
function hasWatchedBody({ method, bodyLimitBytes, minUploadBytesPerSecond }: Exchange): boolean {
  return method !== "GET" && method !== "HEAD" && bodyLimitBytes + minUploadBytesPerSecond > 0;
}

type Judge = (exchange: Exchange) => Denial | undefined;

function createJudge(
  config: Pick<Config, "limits">,
  route: AdmittedRoute,
  tools: LimitTools,
): Judge | undefined {
  const limits = limitsFor(config, route);
  const isExempt = createCidrSet(limits.exempt);
  const access = route && checkAccess(route.access); // 403, exempt or not
  const { mode } = limits.challenge;
  const challenges = challengesOf(limits, tools);
  const checks = [
    route?.limits.ban === false ? undefined : checkBan(tools), // 403, by hand where limits ban nobody
    checkShed(limits, tools), // 503
    checkUri(limits), // 414
    checkHeaders(limits, tools), // 431
    checkBody(limits), // 413
    checkUploadRate(limits), // 408, later
    mode === "always" ? checkChallenge(challenges) : undefined, // 429
    checkUse(config, { route, challenges: mode === "over-limit" ? challenges : undefined }, tools), // 429 503
  ].filter((check) => check !== undefined);
  if (!access && checks.length === 0) return undefined;
  return (exchange) => {
    const client = clientPrefix(exchange.client);
    const denial = access?.(exchange, client);
    if (denial || isExempt(exchange.client)) return denial;
    return firstDenial(checks, exchange, client);
  };
}

function limitsFor(config: Pick<Config, "limits">, route: AdmittedRoute): Config["limits"] {
  return limitsOf(config, { limits: route?.limits ?? {} });
}

function firstDenial(checks: readonly Check[], exchange: Exchange, client: string): Denial | undefined {
  for (const check of checks) {
    const denial = check(exchange, client);
    if (denial) return denial;
  }
  return undefined;
}
