import type { UpstreamConfig } from "../../config/config.ts";
import type { ClientTls } from "../../runtime/client.ts";
import type { Snapshot } from "../snapshot.ts";

/** How connections toward the https servers of an upstream are made; undefined where it has none. */
export function toClientTls(config: UpstreamConfig, files: Snapshot["files"]): ClientTls | undefined {
  if (!config.servers.some((server) => server.url.startsWith("https:"))) return undefined;
  const { ca, serverName, verify, cert, key } = config.tls;
  const text = (name: string): string => files[name] ?? "";
  return {
    verify,
    ...(ca !== "" && { ca: text(ca) }),
    ...(serverName !== "" && { serverName }),
    ...(cert !== "" && { cert: text(cert) }),
    ...(key !== "" && { key: text(key) }),
  };
}
