import { CheckedFields } from "../../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuse } from "../exchange/refuse.ts";
import type { Fault } from "./attempt.ts";

/** The status of an exchange whose client left before its answer; only logs ever see it (nginx's 499). */
const CLIENT_LEFT = 499;

/** The client said that the body is in a coding, and it is not. */
const UNREADABLE = refusalOf("http_request_error", { detail: "the body cannot be decoded" });

/** Our own answer where no server gave one. */
export function answerFault(exchange: Exchange, fault: Fault): OutgoingAnswer {
  exchange.isBodyTooSlow = fault === "slow_body";
  if (!isGone(fault)) return refuse(exchange, toRefusal(fault));
  exchange.broken = fault;
  return { status: CLIENT_LEFT, headers: new CheckedFields(), body: null };
}

/** Whether nobody is left who could read an answer. */
function isGone(fault: Fault): fault is Gone {
  return fault === "client_left" || fault === "slow_reader" || fault === "outrun";
}

type Gone = "client_left" | "slow_reader" | "outrun";

function toRefusal(fault: Exclude<Fault, Gone>): Refusal {
  if (fault === "slow_body") return refusalOf("http_request_error", { status: 408 });
  if (fault === "long_body") return refusalOf("http_request_error", { status: 413 });
  if (fault === "unreadable_body") return UNREADABLE;
  if (fault === "proxy_internal_error") return refusalOf(fault, { status: 502 });
  return refusalOf(fault, isForAWhile(fault) ? { retryAfterSeconds: 1 } : {});
}

function isForAWhile(fault: Fault): boolean {
  return fault === "destination_unavailable" || fault === "connection_limit_reached";
}
