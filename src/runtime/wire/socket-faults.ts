import type { FetchFault } from "../request-fault.ts";
import { RequestFault } from "../request-fault.ts";

/** Why a connection did not come about; whatever it was, nothing was sent. */
export function connectFault(error: unknown, isSecure: boolean): RequestFault {
  const code = codeOf(error);
  const faults = isSecure ? HANDSHAKE_FAULTS : CONNECT_FAULTS;
  const fault = faults[code] ?? faultOfCode(code) ?? "refused";
  return new RequestFault(fault, `Cannot connect: ${describe(error)}`, error);
}

/** Why an open connection ended early. */
export function lossFault(error: unknown): RequestFault {
  const fault = isRefusedByTls.test(describe(error)) ? "tls" : "reset";
  return new RequestFault(fault, `Cannot go on: the connection is lost (${describe(error)})`, error);
}

const CONNECT_FAULTS: Readonly<Record<string, FetchFault>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  ETIMEDOUT: "connect-timeout",
};

/** With TLS, most that goes wrong before a connection is open goes wrong in the handshake. */
const HANDSHAKE_FAULTS: typeof CONNECT_FAULTS = { ...CONNECT_FAULTS, EPROTO: "tls", ECONNRESET: "tls" };

function faultOfCode(code: string): FetchFault | undefined {
  if (libraryCode.test(code)) return "tls";
  return certificateCode.test(code) ? "certificate" : undefined;
}

/** The certificates, authorities or keys that we were given cannot be used. */
const libraryCode = /^ERR_(?:BORINGSSL|OSSL)/;

/** Whether TLS was agreed on, and only the server's certificate is not trusted. */
export function isCertificateError(error: unknown): boolean {
  return certificateCode.test(codeOf(error));
}

const certificateCode = /CERT|SIGNATURE|ISSUER|ALTNAME|HOSTNAME|VERIFY|PURPOSE|INVALID_CA|PATH_LENGTH/;

/** With TLS 1.3 a server says only after the handshake, and before it reads a request, that it does not take the client. */
const isRefusedByTls =
  /ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

function describe(error: unknown): string {
  return error instanceof Error ? `${codeOf(error)} ${error.message}`.trim() : "closed by the server";
}
