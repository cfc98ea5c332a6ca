import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import type { Answer } from "../transform/answer.ts";
import type { Passage } from "../transform/passage.ts";
import { bodyStream, readerOf } from "./body/body-stream.ts";
import type { BodyReader } from "./body/body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readHeld } from "./body/read-held.ts";
import { readWhole } from "./body/read-whole.ts";
import type { Relayed } from "./relayed.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { StagedBody } from "./body/staged-body.ts";

/** How a body is read: held until it is whole, whole if it comes soon, or as it comes. */
export type BodySize = "held" | "short" | "long";

/** A server's answer, and the way that its body takes. */
export interface StagedRelay {
  readonly relayed: Relayed;
  readonly passage: Passage;
  readonly answer: Answer;
  readonly size: BodySize;
}

/**
 * Sends a body through its passage. A short one is worked on at once: it needs neither a stream nor another thread, its new
 * length is known, and nothing is waited for where it has come along with its head.
 */
export function relayThrough(
  staged: StagedRelay,
  tools: ForwardTools,
): OutgoingAnswer | Promise<OutgoingAnswer> {
  const { relayed, passage, answer, size } = staged;
  const { body } = relayed.reply;
  const reader = readerOf(relayed, new StagedBody(passage));
  return size !== "long" && body instanceof Uint8Array
    ? passWhole(body, reader, { answer, tools })
    : passRead(reader, staged, tools);
}

async function passRead(
  reader: BodyReader,
  { answer, size }: StagedRelay,
  tools: ForwardTools,
): Promise<OutgoingAnswer> {
  const whole = await wholeOf(reader, { size, answer }, tools);
  return whole ? passWhole(whole, reader, { answer, tools }) : stream(reader, answer, tools);
}

function wholeOf(
  reader: BodyReader,
  { size, answer }: Pick<StagedRelay, "size" | "answer">,
  tools: ForwardTools,
): Promise<Uint8Array | undefined> | undefined {
  if (size === "held") return readHeld(reader, answer.lengthBytes);
  return size === "short" ? readWhole(reader, answer.lengthBytes, tools) : undefined;
}

function passWhole(
  whole: Uint8Array,
  reader: BodyReader,
  { answer, tools }: { readonly answer: Answer; readonly tools: ForwardTools },
): OutgoingAnswer {
  const { attempt, staged } = reader;
  const bytes = staged ? staged.passage.whole(whole) : whole;
  attempt.bytesOut = bytes?.byteLength ?? 0; // what was read is not what is sent
  if (!bytes)
    return stream(readerOf({ ...reader, reply: { ...reader.reply, body: whole } }, staged), answer, tools);
  if (staged) answer.headers.set("content-length", String(bytes.byteLength));
  releaseAttempt(attempt, tools);
  return { status: answer.status, headers: answer.headers, body: bytes };
}

function stream(reader: BodyReader, answer: Answer, tools: ForwardTools): OutgoingAnswer {
  return { status: answer.status, headers: answer.headers, body: bodyStream(reader, tools) };
}
