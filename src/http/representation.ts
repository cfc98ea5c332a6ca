import type { OutgoingFields } from "./outgoing-answer.ts";
/**
 * What must change in an answer's fields when its body's bytes change: lengths, checksums and ranges are those of other
 * bytes, and a strong validator would promise the very same ones.
 */
export function forgetBytes(headers: OutgoingFields): void {
  for (const name of ofTheBytes) headers.delete(name);
  weakenEtag(headers);
}

/** Makes a strong entity tag weak (RFC 9110, 8.8.1). */
export function weakenEtag(headers: OutgoingFields): void {
  const etag = headers.get("etag");
  if (etag !== null && etag.startsWith('"')) headers.set("etag", `W/${etag}`);
}

/** Says that the answer depends on one more request field. */
export function addVary(headers: OutgoingFields, field: string): void {
  const vary = headers.get("vary");
  if (vary === null) headers.set("vary", field);
  else if (!hasToken(vary, field) && !hasToken(vary, "*")) headers.set("vary", `${vary}, ${field}`);
}

/** Whether a comma-separated field holds a token, in any case. */
export function hasToken(field: string | null, token: string): boolean {
  if (field === null) return false;
  const wanted = token.toLowerCase();
  return field
    .toLowerCase()
    .split(",")
    .some((member) => member.trim() === wanted);
}

const ofTheBytes = [
  "content-length",
  "accept-ranges",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
];
