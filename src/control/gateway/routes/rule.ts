import * as v from "valibot";

import { type MatchPlan, translateMatch } from "./match.ts";
import { describeIssue } from "../objects.ts";
import { matchesSchema, type RawRule, type Rule, ruleSchema } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";
import { answerWay, findWays, type RuleScope, type Way } from "./ways.ts";

/** A rule of an HTTPRoute, translated. */
export interface RulePlan {
  /** Its place among the rules, with its name if it has one. */
  readonly name: string;
  /** Empty where the rule cannot be understood. */
  readonly matches: readonly MatchWays[];
  /** Why requests get 500, or the rule is left out; undefined for a rule that does what it says. */
  readonly fault: Unsupported | undefined;
}

/** One match of a rule and what its requests come to. */
export interface MatchWays {
  readonly match: MatchPlan;
  readonly ways: readonly Way[];
}

/**
 * Translates a rule. Where it is known which requests it takes, but not how to do with them what it says, they get 500: to
 * leave them to a wider rule could lead them past a filter that was to keep them away.
 */
export function translateRule(raw: RawRule, index: number, scope: RuleScope): RulePlan {
  const name = typeof raw["name"] === "string" ? `${index}-${raw["name"]}` : String(index);
  const matches = attempt(() => parse(matchesSchema, raw.matches).map((match) => translateMatch(match)));
  if (matches instanceof Unsupported) return { name, matches: [], fault: matches };
  const plans = attempt(() => {
    const rule: Rule = parse(ruleSchema, raw);
    return matches.map((match) => ({ match, ways: findWays(rule, match, scope) }));
  });
  if (!(plans instanceof Unsupported)) return { name, matches: plans, fault: undefined };
  const ways = [answerWay(500, "The rule for this request cannot be followed.")];
  return { name, matches: matches.map((match) => ({ match, ways })), fault: plans };
}

function parse<const S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new Unsupported(describeIssue(result.issues[0]));
}

function attempt<T>(run: () => T): T | Unsupported {
  try {
    return run();
  } catch (error) {
    if (error instanceof Unsupported) return error;
    throw error;
  }
}
