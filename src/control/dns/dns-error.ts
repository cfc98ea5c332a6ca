/** What a look-up came to, where it came to nothing. */
export type DnsFault =
  | "not-found" // NXDOMAIN: the name does not exist
  | "no-records" // it exists, and has no such records
  | "refused" // SERVFAIL, REFUSED and the like: the name server will not or cannot say
  | "unreachable" // nobody listens there
  | "timeout"
  | "malformed";

/** A look-up that found nothing. */
export class DnsError extends Error {
  readonly fault: DnsFault;

  constructor(fault: DnsFault, message: string) {
    super(message);
    this.name = "DnsError";
    this.fault = fault;
  }
}
