import { noBody } from "../../http/unsent-body.ts";
import type { Answer } from "../transform/answer.ts";
import type { Stage } from "../transform/stage.ts";
import { bodyStream } from "./body-stream.ts";
import type { BodyReader } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readHeld } from "./read-held.ts";
import { readWhole } from "./read-whole.ts";
import type { Relayed } from "./relayed.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { StagedBody } from "./staged-body.ts";

/** A server's answer, and what its route does to it. */
export interface StagedRelay {
  readonly relayed: Relayed;
  readonly stage: Stage;
  readonly answer: Answer;
  /** Whether the body is short enough to be read whole. */
  readonly isShort: boolean;
  /** Whether it is so short that it is held until it is whole. */
  readonly isHeld: boolean;
}

/**
 * Turns a server's answer into ours by way of the route's stage. A short body is worked on at once: it needs neither a
 * stream nor another thread, and its new length is known. Rejects with a `StageFault` where the stage fails.
 */
export async function relayStaged(
  { relayed, stage, answer, isShort, isHeld }: StagedRelay,
  tools: ForwardTools,
): Promise<Response> {
  const { attempt, response, limits } = relayed;
  const passage = await stage.open(answer);
  if (!answer.hasBody || response.body === null) {
    releaseAttempt(attempt, tools);
    return new Response(noBody(attempt.exchange.method, answer), answer);
  }
  const staged = passage && new StagedBody(passage);
  const passing = { attempt, response, limits, chunks: [], pending: undefined, staged };
  if (isHeld) {
    const whole = await readHeld(response, answer.lengthBytes);
    return passWhole(whole, { ...passing, source: NOTHING }, { answer, tools });
  }
  const reader: BodyReader = { ...passing, source: response.body.getReader() };
  const whole = isShort ? await readWhole(reader, answer.lengthBytes, tools) : undefined;
  return whole ? passWhole(whole, reader, { answer, tools }) : stream(reader, answer, tools);
}

function passWhole(
  whole: Uint8Array,
  reader: BodyReader,
  { answer, tools }: { readonly answer: Answer; readonly tools: ForwardTools },
): Response {
  const { attempt, staged } = reader;
  const bytes = staged ? staged.passage.whole(whole) : whole;
  attempt.bytesOut = bytes?.byteLength ?? 0; // what was read is not what is sent
  if (!bytes) return stream({ ...reader, chunks: [whole], source: NOTHING }, answer, tools);
  if (staged) answer.headers.set("content-length", String(bytes.byteLength));
  releaseAttempt(attempt, tools);
  return new Response(bytes as Uint8Array<ArrayBuffer>, answer);
}

/** What is left to read of a body that was read. */
const NOTHING: BodyReader["source"] = { read: () => Promise.resolve({ done: true }) };

function stream(reader: BodyReader, answer: Answer, tools: ForwardTools): Response {
  return new Response(bodyStream(reader, tools), answer);
}
