import { X509Certificate } from "node:crypto";

import type { ListenerTlsConfig } from "../config/config.ts";
import type { ListenCertificate, ListenTls } from "../runtime/listener.ts";
import type { Snapshot } from "./snapshot.ts";

/** How a listener speaks TLS, with what its files hold. */
export function toListenTls(config: ListenerTlsConfig, files: Snapshot["files"]): ListenTls {
  const [first, ...others] = config.certificates.map(({ cert, key }) =>
    toCertificate(files[cert] ?? "", files[key] ?? ""),
  );
  if (first === undefined) throw new Error("Cannot speak TLS: the listener has no certificate");
  const { minVersion, clientAuth } = config;
  return {
    certificates: [first, ...others],
    oldestVersion: minVersion,
    ...(clientAuth && { clientAuth: { ca: files[clientAuth.ca] ?? "", required: clientAuth.required } }),
  };
}

/**
 * The DNS names that a certificate is for, in lower case, from its subject alternative names alone: clients have not
 * looked at the common name for years (RFC 9525, section 2).
 */
export function namesOf(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? "").matchAll(/(?:^|, )DNS:([^,"]+)/g);
  return [...names].map(([, name = ""]) => name.trim().toLowerCase());
}

function toCertificate(cert: string, key: string): ListenCertificate {
  return { cert, key, names: namesOf(new X509Certificate(cert)) };
}
