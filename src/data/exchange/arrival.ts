/** What is known of a request by the listener that it came in by. */
export interface Arrival {
  readonly listener: string;
  readonly scheme: "http" | "https";
  /** Whether a proxy at this address is believed about the client behind it. */
  readonly isTrusted: (address: string) => boolean;
  /** Whether anybody is trusted at all. */
  readonly hasTrusted: boolean;
}
