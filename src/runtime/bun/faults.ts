import type { FetchFault } from "../request-fault.ts";
import { RequestFault } from "../request-fault.ts";

/** Bun's error codes, sorted by what they say about the request. */
const FAULTS: Readonly<Record<string, FetchFault>> = {
  ConnectionRefused: "refused",
  ECONNREFUSED: "refused",
  FailedToOpenSocket: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  ECONNRESET: "reset",
  ConnectionClosed: "reset",
  EPIPE: "reset",
  HTTP2StreamReset: "reset",
  EPROTO: "tls",
  InvalidContentLength: "protocol",
  InvalidHTTPResponse: "protocol",
  Malformed_HTTP_Response: "protocol",
  UnsupportedTransferEncoding: "protocol",
  UnrequestedUpgrade: "protocol",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate",
  UNABLE_TO_GET_ISSUER_CERT: "certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate",
  CERT_HAS_EXPIRED: "certificate",
  CERT_NOT_YET_VALID: "certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate",
};

/** Why a `fetch`, or the reading of its body, failed on Bun. */
export function classifyBunError(error: unknown): FetchFault {
  if (error instanceof RequestFault) return error.fault;
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "AbortError") return "aborted";
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return "unknown";
  const fault = FAULTS[code];
  if (fault) return fault;
  return /SSL|TLS|CERT/.test(code) ? "tls" : "unknown";
}
