import type { Board } from "../../board/board.ts";
import { refusalCounter } from "../../board/refusal-reasons.ts";
import type { RefusalReason } from "../../board/refusal-reasons.ts";
import type { Refusal } from "../../http/failures.ts";
import { refuseMethod } from "../../http/methods.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuseFields } from "./fields.ts";
import { refuseFraming } from "./framing.ts";

/** Refuses at once what no route could take; undefined where the exchange may pass. */
export function guard(exchange: Exchange, board: Pick<Board, "count">): Refusal | undefined {
  const { refusal, method, request } = exchange;
  const wrongMethod = refusal ? undefined : refuseMethod(method);
  const malformed = refusal ?? refuseFraming(request.headers) ?? refuseFields(request.headers);
  if (wrongMethod) return counted(wrongMethod, "method", board);
  return malformed && counted(malformed, "malformed", board);
}

function counted(refusal: Refusal, reason: RefusalReason, board: Pick<Board, "count">): Refusal {
  board.count(refusalCounter(reason), 1);
  return refusal;
}
