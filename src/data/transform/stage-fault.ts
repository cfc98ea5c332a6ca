import type { FailureType } from "../../http/failures.ts";

/** A stage could not go on: the server's body cannot be decoded, or a filter failed. */
export class StageFault extends Error {
  /** Why, as the log says it: the coding is the server's fault, an internal error is our own. */
  readonly fault: Extract<FailureType, "http_response_content_coding" | "proxy_internal_error">;

  constructor(fault: StageFault["fault"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StageFault";
    this.fault = fault;
  }
}
