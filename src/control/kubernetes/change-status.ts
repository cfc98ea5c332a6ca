import type { ApiPath, KubernetesApi } from "./api.ts";
import { isConflict } from "./api-error.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";

/** Somebody else may change an object while we do, so often in a row. */
const mostAttempts = 5;

/**
 * Changes the status of the object at `path`: `change` gets it as it is now and gives its next status, or undefined where
 * that is right already. Where somebody else was quicker it is asked again. Gives whether there was anything to change.
 */
export async function changeStatus(
  api: KubernetesApi,
  path: ApiPath,
  change: (current: KubernetesObject) => object | undefined,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const current = await api.get(path);
    const status = change(current);
    if (status === undefined) return false;
    try {
      await api.update(`${path}/status`, { ...current, status });
      return true;
    } catch (error) {
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
  }
}
