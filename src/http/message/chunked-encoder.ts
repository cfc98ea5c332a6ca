/** What ends a chunked body. */
export const lastChunk: Uint8Array = encoded("0\r\n\r\n");

const lineEnd = encoded("\r\n");

/** Gives bytes of a body as a chunk (RFC 9112, 7.1); none at all for no bytes, since an empty chunk would be the last. */
export function encodeChunk(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength === 0) return bytes;
  const size = encoded(`${bytes.byteLength.toString(16)}\r\n`);
  const chunk = new Uint8Array(size.byteLength + bytes.byteLength + lineEnd.byteLength);
  chunk.set(size);
  chunk.set(bytes, size.byteLength);
  chunk.set(lineEnd, size.byteLength + bytes.byteLength);
  return chunk;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
