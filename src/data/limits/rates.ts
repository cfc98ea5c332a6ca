import type { RateRuleConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Denial, LimitTools } from "./denial.ts";
import { toRateRules } from "./rate-rules.ts";
import type { RateRule } from "./rate-rules.ts";
import type { RateTable } from "./rate-table.ts";

/** What rates are kept with. */
export interface RateTools extends Pick<LimitTools, "now"> {
  readonly table: RateTable;
}

/** The limits of rates of a route. */
export interface RateLimits {
  /** Takes one from every rule; where one refuses, the others get theirs back. */
  take(exchange: Exchange, client: string): Denial | undefined;
  /** Gives back what was taken from every rule. */
  giveBack(exchange: Exchange, client: string): void;
}

/** The limits of rates under one scope; undefined where there are none. */
export function createRateLimits(
  configs: readonly RateRuleConfig[],
  scope: string,
  tools: RateTools,
): RateLimits | undefined {
  const rules = toRateRules(configs, scope);
  return rules.length === 0 ? undefined : new RuleList(rules, tools);
}

/**
 * Every answer, not only the refusal, tells how much is left by the rule that leaves least, so that a client can pace
 * itself.
 *
 * Source: draft-ietf-httpapi-ratelimit-headers-10.
 */
class RuleList implements RateLimits {
  readonly #rules: readonly RateRule[];
  readonly #tools: RateTools;
  readonly #policy: string;

  constructor(rules: readonly RateRule[], tools: RateTools) {
    this.#rules = rules;
    this.#tools = tools;
    this.#policy = rules.map(({ policy }) => policy).join(", ");
  }

  take(exchange: Exchange, client: string): Denial | undefined {
    const { table, now } = this.#tools;
    const nowMs = now();
    let least = Infinity;
    for (let index = 0; index < this.#rules.length; index++) {
      const rule = this.#rules[index] as RateRule;
      const debtUs = table.take(rule.law, rule.keyOf(exchange, client), nowMs);
      if (debtUs < 0) {
        this.#giveBackFirst(index, exchange, client);
        return tooFast(rule, -debtUs / 1e6, this.#policy);
      }
      const left = leftOf(rule, debtUs);
      if (left < least) exchange.rateLimit = { left: describeLeft(rule, left, debtUs), policy: this.#policy };
      least = Math.min(left, least);
    }
    return undefined;
  }

  giveBack(exchange: Exchange, client: string): void {
    this.#giveBackFirst(this.#rules.length, exchange, client);
  }

  #giveBackFirst(count: number, exchange: Exchange, client: string): void {
    const { table, now } = this.#tools;
    const nowMs = now();
    for (const { law, keyOf } of this.#rules.slice(0, count)) {
      table.giveBack(law, keyOf(exchange, client), nowMs);
    }
  }
}

function leftOf({ law }: RateRule, debtUs: number): number {
  return Math.floor((law.burstUs - debtUs) / law.intervalUs);
}

/** So many may pass at once; after so many seconds, the whole burst again. */
function describeLeft({ name }: RateRule, left: number, debtUs: number): string {
  return `${name};r=${left};t=${Math.ceil(debtUs / 1e6)}`;
}

function tooFast({ name, isOfClient }: RateRule, waitSeconds: number, policy: string): Denial {
  const seconds = Math.max(1, Math.ceil(waitSeconds));
  return {
    reason: "rate",
    isOfClient,
    refusal: refusalOf("http_request_denied", {
      status: 429,
      retryAfterSeconds: seconds,
      headers: { ratelimit: `${name};r=0;t=${seconds}`, "ratelimit-policy": policy },
    }),
  };
}
