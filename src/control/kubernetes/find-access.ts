import { homedir } from "node:os";
import { join } from "node:path";
import type { KubernetesAccess } from "./access.ts";
import { accessByEnvironment } from "./access-by-environment.ts";
import { accessByKubeconfig } from "./kubeconfig.ts";
import { accessByServiceAccount } from "./service-account.ts";

/** What access is found by. */
export interface AccessSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its account; default where Kubernetes puts it. */
  readonly serviceAccountDirectory?: string;
}

/**
 * Finds how to reach an API server: by HEADGATE_KUBERNETES_URL, by the files of KUBECONFIG, by the service account of the pod
 * that we run in, or by ~/.kube/config. Throws an error that says what is missing or cannot be used.
 */
export async function findAccess({ env, serviceAccountDirectory }: AccessSource): Promise<KubernetesAccess> {
  const byEnvironment = await accessByEnvironment(env);
  if (byEnvironment) return byEnvironment;
  if (env["KUBECONFIG"]) return accessByKubeconfig(env["KUBECONFIG"].split(":"));
  const byAccount = await accessByServiceAccount(env, serviceAccountDirectory);
  if (byAccount) return byAccount;
  const file = join(env["HOME"] ?? homedir(), ".kube", "config");
  return accessByKubeconfig([file]).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      `Cannot reach Kubernetes: we run in no pod, there is no "${file}", and neither KUBECONFIG nor ` +
        "HEADGATE_KUBERNETES_URL is set",
      { cause: error },
    );
  });
}
