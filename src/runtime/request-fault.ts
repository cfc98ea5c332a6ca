import type { FetchFault } from "./host.ts";

/** Why a request failed, where we know it ourselves. */
export class RequestFault extends Error {
  readonly fault: FetchFault;

  constructor(fault: FetchFault, what: string, cause?: unknown) {
    super(what, { cause });
    this.name = "RequestFault";
    this.fault = fault;
  }
}
