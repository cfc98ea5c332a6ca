import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { refuse } from "./exchange/refuse.ts";
import type { Admission } from "./limits/admission.ts";
import type { Action } from "./route/router.ts";

/** Lets only those exchanges come to an action that are admitted; where nothing is asked, that costs nothing. */
export function admitted(act: Action, admission: Admission | undefined): Action {
  if (!admission) return act;
  return (exchange) => {
    const refusal = admission(exchange); // 403 413 414 429 431 503
    if (refusal) return refuse(exchange, refusal);
    const answer = act(exchange); // what the route does
    return exchange.rateLimit ? tellRateLimit(answer, exchange) : answer;
  };
}

/** Says what is left of the limits of rates; beside what the server may say of its own. */
function tellRateLimit(
  answer: OutgoingAnswer | Promise<OutgoingAnswer>,
  exchange: Exchange,
): OutgoingAnswer | Promise<OutgoingAnswer> {
  return answer instanceof Promise
    ? answer.then((response) => withRateLimit(response, exchange))
    : withRateLimit(answer, exchange);
}

function withRateLimit(response: OutgoingAnswer, { rateLimit, isUpgraded }: Exchange): OutgoingAnswer {
  if (!rateLimit || isUpgraded) return response;
  const { headers } = response;
  headers.append("ratelimit", rateLimit.left);
  headers.append("ratelimit-policy", rateLimit.policy);
  return response;
}
