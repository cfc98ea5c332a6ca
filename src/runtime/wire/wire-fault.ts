import type { FetchFault } from "../host.ts";

/** Why a request over a connection of our own failed. */
export class WireFault extends Error {
  readonly fault: FetchFault;

  constructor(fault: FetchFault, what: string, cause?: unknown) {
    super(what, { cause });
    this.name = "WireFault";
    this.fault = fault;
  }
}
