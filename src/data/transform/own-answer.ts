import { CheckedFields } from "../../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { noBody } from "../../http/message/unsent-body.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Stage } from "./stage.ts";

/** An answer that no server gave. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null where the status has none, or for HEAD. */
  readonly body: Uint8Array | null;
}

/** Sends an answer of our own through a route's stage. */
export async function throughStage(
  stage: Stage,
  exchange: Exchange,
  own: OwnAnswer,
): Promise<OutgoingAnswer> {
  const { body, status } = own;
  const headers = new CheckedFields(own.headers);
  const lengthBytes = body?.byteLength ?? Number(headers.get("content-length") ?? 0);
  const answer = { exchange, status, headers, lengthBytes, hasBody: body !== null };
  const passage = await stage.open(answer);
  if (!body) return { status: answer.status, headers, body: noBody(exchange.method, answer) };
  const bytes = passage ? (passage.whole(body) ?? (await passage.gather(body))) : body;
  headers.set("content-length", String(bytes.byteLength));
  exchange.bytesOut = bytes.byteLength;
  return { status: answer.status, headers, body: bytes };
}
