/** How an attempt ended. */
export interface AttemptEnd {
  /** The server's status; 0 where there is none. */
  readonly status: number;
  /** Why it failed or was cut; "" where it was not. */
  readonly fault: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** How many attempts the exchange made before. */
  readonly resendCount: number;
  /** Whether it was a mirror's. */
  readonly isCopy: boolean;
}
