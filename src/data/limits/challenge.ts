import type { LimitsConfig } from "../../config/config.ts";
import { cookieValue } from "../../http/fields/cookies.ts";
import { refusalOf } from "../../http/failures.ts";
import { clearanceCookie, createChallenges } from "../challenge/challenge.ts";
import type { Challenges } from "../challenge/challenge.ts";
import type { Check, Denial, LimitTools } from "./denial.ts";

/** The challenges of a route; undefined where nobody is asked to solve one. */
export function challengesOf(
  { challenge }: Pick<LimitsConfig, "challenge">,
  tools: LimitTools,
): Challenges | undefined {
  return challenge.mode === "off" ? undefined : createChallenges(challenge, tools);
}

const UNSOLVED: Denial = {
  reason: "challenge",
  refusal: refusalOf("http_request_denied", {
    status: 429,
    retryAfterSeconds: 60,
    detail: "a browser has to solve a challenge first",
  }),
};

/** Lets only those clients pass that have solved a challenge. */
export function checkChallenge(challenges: Challenges | undefined): Check | undefined {
  if (!challenges) return undefined;
  return (exchange, client) =>
    challenges.clearanceOf(exchange, client) === undefined
      ? withChallenge(UNSOLVED, challenges.ask(exchange, client))
      : undefined;
}

/** What a client is told that never solved anything; whether a clearance that it has is good, only a worker can tell. */
export function explainChallenge({ challenge }: Pick<LimitsConfig, "challenge">): Check | undefined {
  if (challenge.mode !== "always") return undefined;
  return ({ request }) => {
    const clearance = cookieValue(request.headers.get("cookie"), clearanceCookie);
    return clearance === undefined ? UNSOLVED : undefined;
  };
}

/** The same denial, with a way out for browsers. */
export function withChallenge(denial: Denial, challenge: ReturnType<Challenges["ask"]>): Denial {
  return challenge ? { ...denial, refusal: { ...denial.refusal, challenge } } : denial;
}
