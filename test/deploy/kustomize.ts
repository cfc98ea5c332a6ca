import { readdirSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { parseAllDocuments, parse } from "yaml";

/** A Kubernetes object of a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly behavior?: string;
    readonly files: readonly string[];
  }[];
  readonly patches?: readonly {
    readonly path: string;
    readonly target: { readonly kind: string; readonly name: string };
  }[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
}

/** One change of a JSON Patch (RFC 6902). */
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

const root = join(import.meta.dirname, "../..");
const clusterWide = new Set(["Namespace", "ClusterRole", "ClusterRoleBinding", "GatewayClass"]);

/** The objects of a kustomization, as far as ours use that: what `kubectl kustomize` would print, without its order. */
export function buildKustomization(directory: string): Manifest[] {
  const {
    namespace,
    resources,
    configMapGenerator = [],
    patches = [],
    images = [],
  } = readKustomization(directory);
  const found = resources.flatMap((resource) =>
    resource.endsWith(".yaml")
      ? readManifests(join(directory, resource))
      : buildKustomization(normalize(join(directory, resource))),
  );
  const maps = configMapGenerator.map(({ name, files }) => toConfigMap(directory, name, files));
  const replaced = new Set(maps.map(({ metadata }) => metadata.name));
  const objects = [
    ...found.filter(({ kind, metadata }) => kind !== "ConfigMap" || !replaced.has(metadata.name)),
    ...maps,
  ].map((object) => withNamespace(object, object.kind === "ConfigMap" ? "headgate" : namespace));
  for (const { path, target } of patches) {
    const object = objectOf(objects, target.kind, target.name);
    for (const operation of parse(read(join(directory, path))) as Operation[]) patch(object, operation);
  }
  return objects.map((object) => withImages(object, images));
}

/** The files of a directory, and those that its kustomization names. */
export function filesOf(directory: string): { files: string[]; named: string[] } {
  const { resources, configMapGenerator = [], patches = [] } = readKustomization(directory);
  const named = [
    "kustomization.yaml",
    ...resources.filter((resource) => resource.endsWith(".yaml")),
    ...configMapGenerator.flatMap(({ files }) => files),
    ...patches.map(({ path }) => path),
  ];
  return { files: readdirSync(join(root, directory)).toSorted(), named: named.toSorted() };
}

/** The only object of this kind and name. */
export function objectOf(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  const [object] = found;
  if (!object || found.length > 1) throw new Error(`There are ${found.length} objects ${kind} ${name}`);
  return object;
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function readKustomization(directory: string): Kustomization {
  return parse(read(join(directory, "kustomization.yaml"))) as Kustomization;
}

function readManifests(path: string): Manifest[] {
  return parseAllDocuments(read(path)).map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    return document.toJS() as Manifest;
  });
}

function toConfigMap(directory: string, name: string, files: readonly string[]): Manifest {
  const data = Object.fromEntries(files.map((file) => [file, read(join(directory, file))]));
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

function withNamespace(object: Manifest, namespace: string | undefined): Manifest {
  if (namespace === undefined || clusterWide.has(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** Objects and lists alike. */
type Tree = Record<string, unknown>;

function patch(object: Manifest, { op, path, value }: Operation): void {
  const keys = path.slice(1).split("/");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<Tree>((tree, key) => {
    if (!(key in tree)) throw new Error(`There is nothing at ${path}`);
    return tree[key] as Tree;
  }, object as Tree);
  if (op === "replace" && !(last in parent)) throw new Error(`There is nothing at ${path}`);
  if (op !== "replace" && op !== "add") throw new Error(`${op} is not known`);
  if (Array.isArray(parent) && last === "-") parent.push(value);
  else parent[last] = value;
}

function withImages(object: Manifest, images: Kustomization["images"] = []): Manifest {
  const text = JSON.stringify(object);
  const renamed = images.reduce(
    (all, { name, newName, newTag }) => all.replaceAll(`"image":"${name}"`, `"image":"${newName}:${newTag}"`),
    text,
  );
  return JSON.parse(renamed) as Manifest;
}
