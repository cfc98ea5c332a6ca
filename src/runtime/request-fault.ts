/** Why an outgoing request failed, as far as the runtime tells. */
export type FetchFault =
  | "refused" // nothing was sent
  | "dns" // nothing was sent
  | "tls" // nothing was sent
  | "certificate" // nothing was sent
  | "connect-timeout" // nothing was sent
  | "reset" // the server may have seen the request
  | "protocol" // the server's answer is not HTTP
  | "long-head" // the server's answer has too many fields, or too long ones
  | "coding" // the server's answer has a transfer coding that nobody asked for
  | "unwritable" // the request could be read as another; nothing was sent
  | "aborted"
  | "unknown";

/** Why a request failed, where we know it ourselves. */
export class RequestFault extends Error {
  readonly fault: FetchFault;

  constructor(fault: FetchFault, what: string, cause?: unknown) {
    super(what, { cause });
    this.name = "RequestFault";
    this.fault = fault;
  }
}

/** Why a request failed, where we or the signal that gave it up said so; undefined for the errors of others. */
export function knownFaultOf(error: unknown): FetchFault | undefined {
  if (error instanceof RequestFault) return error.fault;
  return error instanceof Error && error.name === "AbortError" ? "aborted" : undefined;
}
