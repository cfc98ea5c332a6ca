import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { authorityOf } from "../../config/authority.ts";
import type { KubernetesAccess } from "./access.ts";
import { createFreshFile } from "./fresh-file.ts";

/** Where Kubernetes puts a pod's account. */
const defaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

type Env = Readonly<Record<string, string | undefined>>;

/** The account of the pod that we run in; undefined where we run in none, or where it was given no account. */
export async function accessByServiceAccount(
  env: Env,
  directory = defaultDirectory,
): Promise<KubernetesAccess | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = env;
  if (!host) return undefined;
  const readToken = createFreshFile(join(directory, "token"));
  const token = await readToken(true).catch(() => "");
  if (token === "") return undefined;
  const readOwn = (name: string): Promise<string> => readFile(join(directory, name), "utf8");
  return {
    origin: "the service account of this pod",
    url: `https://${authorityOf({ address: host, port: Number(port) })}`,
    namespace: (await readOwn("namespace").catch(() => "default")).trim(),
    tls: async () => ({ verify: true, ca: await readOwn("ca.crt") }),
    token: (isRefused) => readToken(isRefused),
  };
}
