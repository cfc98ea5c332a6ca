/** What every object of the API says of itself. */
export interface ObjectMetadata {
  readonly name: string;
  /** Absent where the kind belongs to the whole cluster. */
  readonly namespace?: string;
  readonly uid?: string;
  /** Which state of the object this is; to be compared for equality and nothing else. */
  readonly resourceVersion?: string;
  /** Counts the changes of what is wanted. */
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** An object of the API. Only name and namespace were looked at: whoever reads the rest must doubt it. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly [key: string]: unknown;
}

/** Whether a value has what an object needs to be known by. */
export function isKubernetesObject(value: unknown): value is KubernetesObject {
  const { metadata } = (value ?? {}) as { metadata?: unknown };
  const { name, namespace } = (metadata ?? {}) as { name?: unknown; namespace?: unknown };
  const isNamed = typeof name === "string" && name !== "";
  return isNamed && (namespace === undefined || typeof namespace === "string");
}

/** `namespace/name`, or the name alone where there is no namespace: one object of a kind has it at a time. */
export function objectKey({ metadata: { namespace = "", name } }: KubernetesObject): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** An object without the record of who set which field when: it is often longer than all the rest. */
export function slim({ metadata, ...rest }: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...kept } = metadata as ObjectMetadata & { readonly managedFields?: unknown };
  return { ...rest, metadata: kept };
}
