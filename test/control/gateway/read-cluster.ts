import { parseAllDocuments } from "yaml";

import { type Cluster, gatherCluster } from "../../../src/control/gateway/watch/cluster.ts";
import { type Kind, type ObjectOf, readObject } from "../../../src/control/gateway/objects.ts";

/** An object as the API would give it. */
export interface ApiObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** The objects of a text with a document each; an object without a namespace is in `default`. */
export function readDocuments(text: string): ApiObject[] {
  const documents = parseAllDocuments(text).flatMap((document) => {
    const [error] = [...document.errors, ...document.warnings];
    if (error) throw error;
    return document.contents === null ? [] : (document.toJS() as ApiObject);
  });
  return documents.map(inNamespace);
}

function inNamespace(object: ApiObject): ApiObject {
  const namespace = object.kind === "GatewayClass" || object.kind === "Namespace" ? "" : "default";
  return { ...object, metadata: { namespace, ...object.metadata } };
}

/** What a node knows of a cluster that holds these objects. */
export function toCluster(objects: readonly ApiObject[]): Cluster {
  return gatherCluster((kind) =>
    objects.filter((object) => object.kind === kind).map((object) => readOrThrow(kind, object)),
  );
}

function readOrThrow<K extends Kind>(kind: K, object: ApiObject): ObjectOf<K> {
  const read = readObject(kind, object);
  if ("fault" in read) throw new Error(`Cannot read the ${kind} ${object.metadata.name}: ${read.fault}`);
  return read.object;
}
