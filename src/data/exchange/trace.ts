import type { EditableFields } from "../../http/fields/field-lines.ts";
/** An exchange's place in a trace; it has none while nothing is traced. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Tells an attempt's server, in its header fields, whom it works for; undefined where the attempt is not recorded. */
  ask(headers: EditableFields, place: TracedPlace): AttemptSpan | undefined;
  /** The exchange is over, at an instant of the monotonic clock; `routePath` is its route's pattern, "" without one. */
  end(endedMs: number, routePath: string): void;
}

/** Where an attempt goes, and when it began, monotonic ms. */
export interface TracedPlace {
  /** The exchange that it is made for: a copy, where it is a mirror's. */
  readonly exchange: object;
  readonly startedMs: number;
  readonly upstream: { readonly name: string };
  readonly server: {
    readonly name: string;
    readonly origin: string;
    readonly hostname: string;
    readonly port: number;
  };
}

/** What is recorded of an attempt. */
export interface AttemptSpan {
  /** Notes the server's status, or why there is none; the last word counts. */
  note(outcome: number | string): void;
  /** The attempt is over; `bytesIn` and `bytesOut` are those of the bodies. */
  end(bytesIn: number, bytesOut: number): void;
}
