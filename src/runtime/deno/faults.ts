import type { FetchFault } from "../request-fault.ts";
import { knownFaultOf } from "../request-fault.ts";

/** Deno says what happened only in words, the nearest cause first. */
const FAULTS: readonly (readonly [RegExp, FetchFault])[] = [
  [/dns error|failed to lookup/i, "dns"],
  [/certificate/i, "certificate"],
  [/tls|handshake|corrupt message|fatal alert/i, "tls"],
  [/tcp connect error|connection refused|os error 111|os error 113|os error 101/i, "refused"],
  [/invalid HTTP|parse|unexpected message|invalid content-length/i, "protocol"],
  [/os error 104|reset|closed|broken pipe|os error 32|error reading a body|unexpected end/i, "reset"],
];

/** Why a `fetch`, or the reading of its body, failed on Deno. */
export function classifyDenoError(error: unknown): FetchFault {
  const known = knownFaultOf(error);
  if (known) return known;
  if (!(error instanceof Error)) return "unknown";
  const words = describe(error);
  return FAULTS.find(([pattern]) => pattern.test(words))?.[1] ?? "unknown";
}

function describe(error: Error): string {
  const { cause } = error;
  return cause instanceof Error
    ? `${withoutUrl(cause.message)} ${describe(cause)}`
    : withoutUrl(error.message);
}

/** Deno quotes the URL, whose words are the client's: they must not make a reset look like a failure to connect. */
function withoutUrl(message: string): string {
  return message.replace(/\(https?:\S*\):? /, "");
}
