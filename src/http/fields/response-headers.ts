import { CheckedFields } from "./checked-fields.ts";
import type { FieldList } from "./field-list.ts";
import { hopByHop, nominatedFields } from "./hop-by-hop.ts";

/** Gives the fields that a client gets: the server's without hop-by-hop ones, and our Via. */
export function forwardableResponseHeaders(fields: FieldList): CheckedFields {
  const headers = new CheckedFields();
  const connection = appendForwardable(fields, headers);
  if (connection !== "") for (const name of nominatedFields(connection)) headers.delete(name);
  const via = headers.get("via");
  headers.delete("via");
  headers.take("via", via === null ? OUR_VIA : `${via}, ${OUR_VIA}`);
  return headers;
}

const OUR_VIA = "1.1 headgate";

/** Gives what the fields say of the connection. */
function appendForwardable(fields: FieldList, headers: CheckedFields): string {
  let connection = "";
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    if (!dropped.has(name)) headers.take(name, value);
    else if (name === "connection") connection = joinTokens(connection, value);
  }
  return connection;
}

function joinTokens(tokens: string, more: string): string {
  return tokens === "" ? more : `${tokens}, ${more}`;
}

/** Alt-Svc names a door of the server, which is not ours. */
const dropped: ReadonlySet<string> = new Set([...hopByHop, "alt-svc"]);
