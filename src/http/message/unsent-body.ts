import type { OutgoingFields } from "../outgoing-answer.ts";
/** What an answer without a body is made of. */
export function noBody(
  method: string,
  { headers, status }: { readonly headers: OutgoingFields; readonly status: number },
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  const isUnknown = method === "HEAD" && !headers.has("content-length") && !bodiless.has(status);
  return isUnknown ? unsentBody() : null;
}

/**
 * The body of an answer to HEAD whose length nobody knows. Without a body at all both runtimes would say that the length
 * is 0; this one is never read, since an answer to HEAD has none.
 */
function unsentBody(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ pull: () => new Promise<void>(() => {}) }, { highWaterMark: 0 });
}

const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304]);
