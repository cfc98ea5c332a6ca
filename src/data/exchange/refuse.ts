import type { OutgoingAnswer, OutgoingFields } from "../../http/outgoing-answer.ts";
import { errorAnswer, replacedAnswer } from "../../http/pages/error-answer.ts";
import type { ErrorRequest } from "../../http/pages/error-answer.ts";
import type { Refusal } from "../../http/failures.ts";
import type { Exchange } from "./exchange.ts";

/** Our own answer to a request that is refused, or that no server answered. */
export function refuse(exchange: Exchange, refusal: Refusal): OutgoingAnswer {
  exchange.refusal = refusal;
  return counted(exchange, errorAnswer(refusal, errorRequestOf(exchange, refusal.status)));
}

/** Our page in place of a server's error, with those of the server's fields that a client still needs. */
export function replaceError(exchange: Exchange, status: number, fields: OutgoingFields): OutgoingAnswer {
  return counted(exchange, replacedAnswer(status, fields, errorRequestOf(exchange, status)));
}

function errorRequestOf(exchange: Exchange, status: number): ErrorRequest {
  return {
    accept: exchange.request.headers.get("accept"),
    requestId: exchange.requestId,
    host: exchange.host,
    path: exchange.path,
    isHead: exchange.method === "HEAD",
    template: exchange.errorPages?.(exchange.route, status),
  };
}

function counted(exchange: Exchange, answer: OutgoingAnswer): OutgoingAnswer {
  exchange.errorFields?.(exchange.route, answer.headers);
  exchange.bytesOut = exchange.method === "HEAD" ? 0 : Number(answer.headers.get("content-length"));
  return answer;
}
