/** Where a key is read from: a part of the request, or a named field of it. */
export type Source = { readonly kind: string; readonly name: string };

/** Splits `header:x-tenant` into kind and name; a kind that stands alone, such as `client-ip`, has an empty name. */
export function parseSource(text: string): Source {
  const colon = text.indexOf(":");
  return colon < 0 ? { kind: text, name: "" } : { kind: text.slice(0, colon), name: text.slice(colon + 1) };
}
