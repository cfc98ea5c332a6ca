/** What is wrong with a server's answer: its head or its body is no HTTP, its head is too long, or its body is coded as we do not take it. */
export type AnswerFlaw = "malformed" | "long-head" | "coding";

/** An answer that cannot be read in exactly one way. */
export class MalformedAnswer extends Error {
  readonly flaw: AnswerFlaw;

  constructor(what: string, flaw: AnswerFlaw = "malformed") {
    super(`Cannot read the answer: ${what}`);
    this.name = "MalformedAnswer";
    this.flaw = flaw;
  }
}
