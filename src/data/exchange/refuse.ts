import { errorAnswer } from "../../http/error-answer.ts";
import type { Refusal } from "../../http/failures.ts";
import type { Exchange } from "./exchange.ts";

/** Our own answer to a request that is refused, or that no server answered. */
export function refuse(exchange: Exchange, refusal: Refusal): Response {
  exchange.refusal = refusal;
  const isHead = exchange.method === "HEAD";
  const answer = errorAnswer(refusal, {
    accept: exchange.request.headers.get("accept"),
    requestId: exchange.requestId,
    host: exchange.host,
    path: exchange.path,
    isHead,
  });
  exchange.bytesOut = isHead ? 0 : Number(answer.headers.get("content-length"));
  return answer;
}
