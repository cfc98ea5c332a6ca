import type { Answer } from "./answer.ts";
import type { BodyFilter, BodyStep } from "./body-step.ts";

/**
 * One filter of a route's answers, made once for a snapshot.
 *
 * For each answer the stage calls `head` and then `body`, filter by filter in the list's order, and sends the body through
 * what `body` gave in the same order: a `BodyFilter` never waits, a `BodyStep` may. They see plain bytes: the stage decodes
 * before the first of them, takes back the fields that speak of the old bytes, and compresses after the last. A filter that
 * throws costs its answer (502, or a broken one once it has begun), never more.
 */
export interface ResponseFilter {
  /** Its kind and what it does, in a few words: for logs and `headgate explain`. */
  readonly name: string;
  /** Changes the fields of an answer. */
  head?(answer: Answer): void | Promise<void>;
  /**
   * Gives what works on this answer's body; undefined where it stays. A filter that has this makes the stage ask servers for
   * plain, whole bodies. Called for HEAD too, so that its fields are those of GET; not called where the body's coding cannot
   * be read.
   */
  body?(answer: Answer): BodyFilter | BodyStep | undefined;
}
