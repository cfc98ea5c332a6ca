import { X509Certificate } from "node:crypto";

import type { ListenerTlsConfig } from "../../config/config.ts";

/** When the first of a listener's certificates ends, ms since 1970. */
export function earliestEnd(
  { certificates }: ListenerTlsConfig,
  files: Readonly<Record<string, string>>,
): number {
  const ends = certificates.map(({ cert }) => Date.parse(new X509Certificate(files[cert] ?? "").validTo));
  return Math.min(...ends);
}
