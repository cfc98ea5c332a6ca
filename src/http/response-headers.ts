import { hopByHop, nominatedFields } from "./hop-by-hop.ts";

/**
 * Gives the fields that a client gets: the server's without hop-by-hop ones, and our Via.
 *
 * The same object where the runtime lets a fetched answer's fields be changed, else a copy: a copy costs as much again.
 * So a caller must not look for the server's own `Connection` field afterwards.
 */
export function forwardableResponseHeaders(source: Headers): Headers {
  const nominated = nominatedFields(source.get("connection"));
  const headers = areFetchedHeadersMutable ? source : new Headers(source);
  for (const name of findDropped(headers)) headers.delete(name);
  for (const name of nominated) headers.delete(name);
  headers.append("via", "1.1 headgate");
  return headers;
}

/** Looking each of an answer's few fields up costs less than asking for each that could be there. */
function findDropped(headers: Headers): readonly string[] {
  const found: string[] = [];
  for (const name of headers.keys()) {
    if (dropped.has(name)) found.push(name);
  }
  return found;
}

/** Alt-Svc names a door of the server, which is not ours. */
const dropped: ReadonlySet<string> = new Set([...hopByHop, "alt-svc"]);

/** `Response.error()` carries the same guard as an answer of `fetch`. */
const areFetchedHeadersMutable = canChange(Response.error().headers);

function canChange(headers: Headers): boolean {
  try {
    headers.set("via", "1.1 headgate");
    return true;
  } catch {
    return false;
  }
}
