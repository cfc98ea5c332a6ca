import type { KubernetesApi } from "./api.ts";
import { KubernetesError } from "./api-error.ts";
import { isKubernetesObject, type KubernetesObject, objectKey, slim } from "./kubernetes-object.ts";
import { versionOf } from "./watch-event.ts";

/** Which objects are meant. */
export interface Resources {
  /** Such as `/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices`, without a query. */
  readonly path: string;
  /** Such as `kubernetes.io/service-name=app`. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** All of them, as they were at one moment. */
export interface Listing {
  readonly objects: Map<string, KubernetesObject>;
  /** From which a watch goes on. */
  readonly version: string;
}

/** Objects of one answer. */
const pageSize = 500;

/** No kind has more objects; who says so wants our memory. */
const mostObjects = 200_000;

/** Of these many pages, however little is on them. */
const mostPages = 2 * (mostObjects / pageSize);

interface Page {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly continue?: unknown; readonly resourceVersion?: unknown };
  readonly items?: unknown;
}

/** Lists page by page. Rejects with a `KubernetesError`; one that `isGone` wants the list begun anew. */
export async function listResources(api: KubernetesApi, resources: Resources): Promise<Listing> {
  const objects = new Map<string, KubernetesObject>();
  let next = "";
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await api.get<Page>(
      pathOf(resources, { limit: String(pageSize), ...(next && { continue: next }) }),
    );
    addItems(objects, page, resources);
    const { metadata } = page;
    next = typeof metadata?.continue === "string" ? metadata.continue : "";
    if (next === "") return { objects, version: versionOf(page) };
  }
  throw new KubernetesError(`Cannot list ${resources.path} in Kubernetes: the list has no end`);
}

function addItems(objects: Map<string, KubernetesObject>, page: Page | null, { path }: Resources): void {
  const items = page?.items ?? [];
  if (!Array.isArray(items))
    throw new KubernetesError(`Cannot list ${path} in Kubernetes: the answer is no list`);
  for (const item of items as unknown[])
    if (isKubernetesObject(item)) objects.set(objectKey(item), slim(item));
  if (objects.size > mostObjects)
    throw new KubernetesError(`Cannot list ${path} in Kubernetes: it has more than ${mostObjects} objects`);
}

/** The path with its query. */
export function pathOf(resources: Resources, query: Readonly<Record<string, string>>): string {
  const { path, labelSelector, fieldSelector } = resources;
  const all = new URLSearchParams({
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...query,
  });
  return `${path}?${all.toString()}`;
}
