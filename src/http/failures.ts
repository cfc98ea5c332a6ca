/** Why an exchange failed, in the vocabulary of RFC 9209, 2.3. */
export type FailureType = keyof typeof failures;

/** What allows another attempt: nothing was sent yet, the connection broke, or time ran out. */
export type RetryClass = "connect" | "reset" | "timeout";

/** What follows from one type of failure. */
export type Failure = {
  /** The status that the client gets, unless a refusal says another. */
  readonly status: number;
  /** Undefined where another server would do no better. */
  readonly retry: RetryClass | undefined;
  /** What happened, for a visitor. */
  readonly title: string;
  /** What the visitor can do. */
  readonly advice: string;
};

/** Why we answer a request ourselves. Everything in it may be shown to the client. */
export type Refusal = {
  readonly status: number;
  readonly type: FailureType;
  /** One plain sentence without a full stop; never a server's address or another secret. */
  readonly detail?: string;
  /** How long the client should stay away, in whole seconds. */
  readonly retryAfterSeconds?: number;
  /** More fields for the answer, such as `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What a browser can solve instead of being refused. */
  readonly challenge?: Challenge;
};

/** A number is wanted that gives `token.number` a SHA-256 with so many leading zero bits. */
export type Challenge = { readonly token: string; readonly difficulty: number };

const tryAgain = "This is usually over soon. Wait a moment, then try again.";
const checkAddress = "Check the address for mistakes, or start again from the home page.";
const tellOwner =
  "Trying again is unlikely to help. Please tell the site’s owner, and quote the request id below.";

const unreachable = { title: "The site’s server cannot be reached", advice: tryAgain };
const slow = { title: "The site’s server takes too long to answer", advice: tryAgain };
const broken = { title: "The site’s server broke off its answer", advice: tryAgain };
const insecure = { title: "No secure connection to the site’s server", advice: tellOwner };
const strange = { title: "The site’s server gave an answer that makes no sense", advice: tryAgain };
const fault = { title: "Something went wrong on our side", advice: tryAgain };

/** The one table of failures. A connect failure is one before any byte of the request was sent. */
const failures = {
  dns_timeout: { status: 504, retry: "connect", ...unreachable },
  dns_error: { status: 502, retry: "connect", ...unreachable },
  destination_not_found: {
    status: 404,
    retry: undefined,
    title: "There is nothing at this address",
    advice: checkAddress,
  },
  destination_unavailable: {
    status: 503,
    retry: undefined,
    title: "The site is taking a short break",
    advice: tryAgain,
  },
  destination_ip_prohibited: { status: 502, retry: undefined, ...unreachable, advice: tellOwner },
  destination_ip_unroutable: { status: 502, retry: "connect", ...unreachable },
  connection_refused: { status: 502, retry: "connect", ...unreachable },
  connection_terminated: { status: 502, retry: "reset", ...broken },
  connection_timeout: { status: 504, retry: "connect", ...unreachable },
  connection_read_timeout: { status: 504, retry: "timeout", ...slow },
  connection_write_timeout: { status: 504, retry: "timeout", ...slow },
  connection_limit_reached: {
    status: 503,
    retry: undefined,
    title: "The site is very busy right now",
    advice: tryAgain,
  },
  tls_protocol_error: { status: 502, retry: "connect", ...insecure },
  tls_certificate_error: { status: 502, retry: "connect", ...insecure },
  tls_alert_received: { status: 502, retry: "connect", ...insecure },
  http_request_error: {
    status: 400,
    retry: undefined,
    title: "The request cannot be understood",
    advice: checkAddress,
  },
  http_request_denied: {
    status: 403,
    retry: undefined,
    title: "This request is not allowed",
    advice: "If you think that it should be, tell the site’s owner, and quote the request id below.",
  },
  http_response_incomplete: { status: 502, retry: "reset", ...broken },
  http_response_header_section_size: { status: 502, retry: undefined, ...strange },
  http_response_header_size: { status: 502, retry: undefined, ...strange },
  http_response_body_size: { status: 502, retry: undefined, ...strange },
  http_response_trailer_section_size: { status: 502, retry: undefined, ...strange },
  http_response_trailer_size: { status: 502, retry: undefined, ...strange },
  http_response_transfer_coding: { status: 502, retry: undefined, ...strange },
  http_response_content_coding: { status: 502, retry: undefined, ...strange },
  http_response_timeout: { status: 504, retry: "timeout", ...slow },
  http_upgrade_failed: { status: 502, retry: undefined, ...unreachable },
  http_protocol_error: { status: 502, retry: "reset", ...strange },
  proxy_internal_response: { status: 500, retry: undefined, ...fault },
  proxy_internal_error: { status: 500, retry: undefined, ...fault },
  proxy_configuration_error: { status: 500, retry: undefined, ...fault, advice: tellOwner },
  proxy_loop_detected: {
    status: 502,
    retry: undefined,
    title: "The request goes round in circles",
    advice: tellOwner,
  },
} as const satisfies Record<string, Failure>;

/** Gives what follows from a failure. */
export function failureOf(type: FailureType): Failure {
  return failures[type];
}

/** All failures by name, for tables and documents. */
export const failureTypes = Object.keys(failures) as readonly FailureType[];

/** Makes a refusal with the status of its failure, unless `more` says another. */
export function refusalOf(type: FailureType, more: Partial<Omit<Refusal, "type">> = {}): Refusal {
  return { status: failures[type].status, type, ...more };
}
