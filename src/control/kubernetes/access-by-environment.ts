import { readFile } from "node:fs/promises";
import type { KubernetesAccess } from "./access.ts";
import { createFreshFile } from "./fresh-file.ts";
import { parseApiUrl } from "./parse-api-url.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Reads HEADGATE_KUBERNETES_URL and its companions; undefined where it is not set. */
export async function accessByEnvironment(env: Env): Promise<KubernetesAccess | undefined> {
  const origin = "HEADGATE_KUBERNETES_URL";
  const url = env[origin];
  if (!url) return undefined;
  const { HEADGATE_KUBERNETES_TOKEN_FILE: tokenFile, HEADGATE_KUBERNETES_CA_FILE: caFile } = env;
  const readToken = tokenFile ? createFreshFile(tokenFile) : undefined;
  return {
    origin,
    url: parseApiUrl(url, origin),
    namespace: env["HEADGATE_KUBERNETES_NAMESPACE"] ?? "default",
    tls: async () => ({ verify: true, ...(caFile && { ca: await readFile(caFile, "utf8") }) }),
    token: async (isRefused) =>
      readToken ? readToken(isRefused) : env["HEADGATE_KUBERNETES_TOKEN"] || undefined,
  };
}
