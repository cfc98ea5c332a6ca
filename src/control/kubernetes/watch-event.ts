import { KubernetesError } from "./api-error.ts";
import { isKubernetesObject, type KubernetesObject } from "./kubernetes-object.ts";

/** What happens to the objects that are watched. */
export type WatchEvent =
  | { readonly type: "set" | "delete"; readonly object: KubernetesObject }
  /** Nothing has happened up to this version. */
  | { readonly type: "bookmark"; readonly version: string }
  /** An object that cannot be told from others: it is passed over. */
  | { readonly type: "nameless" };

const types: Readonly<Record<string, "set" | "delete">> = {
  ADDED: "set",
  MODIFIED: "set",
  DELETED: "delete",
};

/** Reads a line of a watch. Throws a `KubernetesError` where it says that the watch has failed, or says nothing known. */
export function readWatchEvent(line: string): WatchEvent {
  const { type, object } = parseLine(line);
  if (type === "ERROR") throw toError(object);
  if (type === "BOOKMARK") return { type: "bookmark", version: versionOf(object) };
  const change = types[String(type)];
  if (!change) throw malformed(`tells of "${String(type).slice(0, 40)}", which nobody knows`);
  return isKubernetesObject(object) ? { type: change, object } : { type: "nameless" };
}

/** The version that an object or a list carries; "" where it carries none. */
export function versionOf(object: unknown): string {
  const { metadata } = (object ?? {}) as { metadata?: { resourceVersion?: unknown } | null };
  const version = metadata?.resourceVersion;
  return typeof version === "string" ? version : "";
}

function parseLine(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as { type?: unknown; object?: unknown };
  } catch {
    throw malformed(`sends what is no JSON: ${line.slice(0, 60)}`);
  }
}

function malformed(what: string): KubernetesError {
  return new KubernetesError(`the watch ${what}`, { status: 400, reason: "Malformed" });
}

function toError(object: unknown): KubernetesError {
  const { code, reason, message } = (object ?? {}) as { code?: unknown; reason?: unknown; message?: unknown };
  const why = [message, reason].find((word) => typeof word === "string") ?? "it does not say why";
  return new KubernetesError(`the watch has failed: ${why}`, {
    status: typeof code === "number" ? code : 500,
    reason: typeof reason === "string" ? reason : "",
  });
}
