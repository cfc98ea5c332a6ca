import { isAlias, isMap, isPair, isScalar, isSeq } from "yaml";
import type { Document, Node, Pair, YAMLMap } from "yaml";
import type { Path } from "./problem.ts";

/** The nodes of a YAML document that stand for a path. */
export type Place = {
  /** Whether every part of the path exists; if not, this is the place of the last part that does. */
  readonly isWhole: boolean;
  /** The key of the value, unless it is an entry of a list or the root. */
  readonly key: Node | undefined;
  /** The value; absent for a key without one. */
  readonly value: Node | undefined;
};

/** Follows a path into a document, through aliases and merge keys, as far as it goes. */
export function findPlace(document: Document, path: Path): Place {
  let place: Place = { isWhole: true, key: undefined, value: toNode(document.contents) };
  for (const part of path) {
    const next = stepInto(document, place.value, part);
    if (next === undefined) return { ...place, isWhole: false };
    place = next;
  }
  return place;
}

/** The path of a node, from the nodes and pairs above it as `visit` gives them. */
export function pathFrom(above: readonly unknown[], node: unknown): Path {
  return [...above, node].flatMap((part, index, all): (string | number)[] => {
    if (isPair(part)) return [keyOf(part)];
    return isSeq(part) ? [part.items.indexOf(all[index + 1])] : [];
  });
}

function stepInto(document: Document, from: Node | undefined, part: string | number): Place | undefined {
  const node = resolve(document, from);
  if (isMap(node)) return placeOf(findPair(document, node, String(part)));
  if (!isSeq(node) || typeof part !== "number") return undefined;
  const item = toNode(node.items[part]);
  return item === undefined ? undefined : { isWhole: true, key: undefined, value: item };
}

function placeOf(pair: Pair | undefined): Place | undefined {
  return pair === undefined ? undefined : { isWhole: true, key: toNode(pair.key), value: toNode(pair.value) };
}

function findPair(document: Document, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.find((pair) => keyOf(pair) === key);
  if (own !== undefined) return own;
  for (const merged of map.items.filter((pair) => keyOf(pair) === "<<")) {
    const found = findMerged(document, toNode(merged.value), key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findMerged(document: Document, from: Node | undefined, key: string): Pair | undefined {
  const source = resolve(document, from);
  const maps = isSeq(source) ? source.items.map((item) => resolve(document, toNode(item))) : [source];
  const found = maps.map((map) => (isMap(map) ? map.items.find((pair) => keyOf(pair) === key) : undefined));
  return found.find((pair) => pair !== undefined);
}

function resolve(document: Document, node: Node | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function keyOf(pair: Pair): string {
  const value: unknown = isScalar(pair.key) ? pair.key.value : pair.key;
  return typeof value === "symbol" ? (value.description ?? "") : String(value); // the merge key is a symbol
}

function toNode(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
}
