import type { FailureType } from "../../http/failures.ts";
import type { FetchFault } from "../../runtime/request-fault.ts";

/** The failure that each fault of the runtime's `fetch` stands for. */
const FAILURES: Readonly<Record<FetchFault, FailureType>> = {
  refused: "connection_refused",
  dns: "dns_error",
  tls: "tls_protocol_error",
  certificate: "tls_certificate_error",
  "connect-timeout": "connection_timeout",
  reset: "connection_terminated",
  protocol: "http_protocol_error",
  "long-head": "http_response_header_section_size",
  coding: "http_response_transfer_coding",
  unwritable: "proxy_internal_error", // Whoever put it together should have seen it.
  aborted: "connection_terminated",
  unknown: "connection_terminated",
};

/** The name, in the vocabulary of RFC 9209, of what the runtime says went wrong. */
export function faultOf(fault: FetchFault): FailureType {
  return FAILURES[fault];
}
