/** An object of the stand-in API server, as it was put in. */
export interface PlainObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** Something that happened to an object. */
export interface Change {
  readonly version: number;
  /** Such as `/apis/discovery.k8s.io/v1/endpointslices`. */
  readonly kind: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: PlainObject;
}

/** Objects by kind, each with a version, and what happened to them since history was last forgotten. */
export class KubernetesObjects {
  readonly #kinds = new Map<string, Map<string, PlainObject>>();
  readonly #heard: (change: Change) => void;
  #history: Change[] = [];
  #version = 100;
  #oldest = 100;

  constructor(heard: (change: Change) => void) {
    this.#heard = heard;
  }

  get version(): number {
    return this.#version;
  }

  get(kind: string, key: string): PlainObject | undefined {
    return this.#kinds.get(kind)?.get(key);
  }

  all(kind: string): PlainObject[] {
    return [...(this.#kinds.get(kind)?.values() ?? [])];
  }

  /** Creates or replaces; gives the object as it is now, with all that a server adds. */
  put(kind: string, given: PlainObject): PlainObject {
    const known = this.get(kind, keyOf(given));
    const { uid, creationTimestamp } = known?.metadata ?? newborn();
    const generation = generationAfter(known, given);
    const resourceVersion = String(this.#version + 1);
    const metadata = { ...given.metadata, uid, creationTimestamp, generation, resourceVersion };
    const object = { ...given, metadata };
    this.#kinds.set(
      kind,
      (this.#kinds.get(kind) ?? new Map<string, PlainObject>()).set(keyOf(given), object),
    );
    this.#record({ kind, type: known ? "MODIFIED" : "ADDED", object });
    return object;
  }

  remove(kind: string, key: string): void {
    const object = this.get(kind, key);
    this.#kinds.get(kind)?.delete(key);
    if (object) this.#record({ kind, type: "DELETED", object });
  }

  /** What happened to a kind since a version; undefined where that is too long ago. */
  since(kind: string, version: number): Change[] | undefined {
    if (version < this.#oldest) return undefined;
    return this.#history.filter((change) => change.kind === kind && change.version > version);
  }

  /** Forgets all history. */
  compact(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#history = [];
  }

  #record(change: Omit<Change, "version">): void {
    this.#version += 1;
    const metadata = { ...change.object.metadata, resourceVersion: String(this.#version) };
    const whole = { ...change, version: this.#version, object: { ...change.object, metadata } };
    this.#history.push(whole);
    this.#heard(whole);
  }
}

/** `namespace/name`, or the name alone. */
export function keyOf({ metadata: { namespace, name } }: PlainObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function newborn(): PlainObject["metadata"] {
  return { name: "", uid: crypto.randomUUID(), creationTimestamp: new Date().toISOString() };
}

/** Counts the changes of what is wanted. */
function generationAfter(known: PlainObject | undefined, given: PlainObject): number {
  if (!known) return 1;
  const isSame = JSON.stringify(known["spec"]) === JSON.stringify(given["spec"]);
  return Number(known.metadata["generation"]) + Number(!isSame);
}
