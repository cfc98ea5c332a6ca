import type { OutgoingFields } from "../../http/outgoing-answer.ts";
import type { CompressionConfig } from "../../config/config.ts";
import { preferredEncoding } from "../../http/fields/negotiate.ts";
import { addVary, forgetBytes, hasToken, weakenEtag } from "../../http/representation.ts";
import type { Answer } from "./answer.ts";
import { createEncoder } from "./encoders.ts";
import type { Encoder, GzipWhole } from "./encoders.ts";
import { mediaTypeOf, mediaTypeTest } from "./media-type.ts";

/** Chooses what an answer's body is encoded with, and changes its fields accordingly; undefined = it stays as it is. */
export type Compression = (answer: Answer) => Encoder | undefined;

/** Works out once how a route compresses. */
export function createCompression(config: CompressionConfig, gzipWhole?: GzipWhole): Compression {
  const { encodings, level, minSize, types } = config;
  const encoders = new Map(
    encodings.map((encoding) => [encoding as string, createEncoder(encoding, level, gzipWhole)]),
  );
  const isListed = mediaTypeTest(types);
  const isWorthwhile = (type: string): boolean => isListed(type) && !NEVER.test(type);
  const encoderFor = ({ exchange: { request } }: Answer): Encoder | undefined =>
    hasToken(request.headers.get("cache-control"), "no-transform")
      ? undefined
      : encoders.get(preferredEncoding(request.headers.get("accept-encoding"), encodings));

  return (answer) => {
    const { headers, status, lengthBytes } = answer;
    if (status === 304) return revalidate(headers, encoderFor(answer));
    if (lengthBytes < minSize || !isCompressible(answer) || !isWorthwhile(mediaTypeOf(headers)))
      return undefined;
    addVary(headers, "Accept-Encoding");
    const encoder = isOfBody(answer) ? encoderFor(answer) : undefined;
    if (!encoder) return undefined;
    forgetBytes(headers);
    headers.set("content-encoding", encoder.encoding);
    return encoder;
  };
}

/** Events must not wait for each other, and the parts of a multipart body are delivered apart. */
const NEVER = /^(?:text\/event-stream$|multipart\/)/;

/** Whether its fields speak of a body: of its own, or of the one that GET would get (RFC 9110, 9.3.2). */
function isOfBody({ exchange, hasBody }: Answer): boolean {
  return hasBody || exchange.method === "HEAD";
}

/** A 304 speaks of the answer that the client has: of the one that we made. */
function revalidate(headers: OutgoingFields, encoder: Encoder | undefined): undefined {
  addVary(headers, "Accept-Encoding");
  if (encoder) weakenEtag(headers);
}

/** Whether the server's bytes may be others on their way, and would be fewer. */
function isCompressible({ headers, status }: Answer): boolean {
  return (
    status !== 204 &&
    status !== 205 &&
    status !== 206 &&
    !headers.has("content-range") &&
    (headers.get("content-encoding") ?? "identity") === "identity" &&
    !hasToken(headers.get("cache-control"), "no-transform")
  );
}
