import type { OutgoingFields } from "../../http/outgoing-answer.ts";
import { acceptsEncoding } from "../../http/fields/negotiate.ts";
import { addVary, forgetBytes, hasToken } from "../../http/representation.ts";
import type { Answer } from "./answer.ts";
import { decoderOf } from "./decoders.ts";
import type { Decode } from "./decoders.ts";

/** Why a body might have to be decoded. */
export interface DecodingNeed {
  /** Filters look into it. */
  readonly isFiltered: boolean;
  /** The route answers for what the client accepts. */
  readonly isNegotiated: boolean;
}

/** Whether the bytes of the body can be read: they are plain, or whole and in a coding that we know. */
export function isReadable({ headers, status }: Answer): boolean {
  const coding = codingOf(headers);
  return coding === undefined || (!isPartial(headers, status) && decoderOf(coding) !== undefined);
}

/**
 * Chooses how a body is decoded, and changes the answer's fields accordingly; undefined = it goes on as it came.
 *
 * What the server encoded passes untouched where the client takes it: that is the least labour. It is decoded where filters
 * look into it, and where the client did not say that it can.
 */
export function chooseDecoder(answer: Answer, need: DecodingNeed): Decode | undefined {
  const { headers, status } = answer;
  const coding = codingOf(headers);
  if (coding === undefined || isPartial(headers, status)) return undefined;
  if (need.isNegotiated) addVary(headers, "Accept-Encoding");
  const decode = decoderOf(coding);
  if (!decode || !(need.isFiltered || (need.isNegotiated && !isAccepted(answer, coding)))) return undefined;
  forgetBytes(headers);
  headers.delete("content-encoding");
  return decode;
}

function codingOf(headers: OutgoingFields): string | undefined {
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  return coding === "" || coding === "identity" ? undefined : coding;
}

/** Whether the client takes the coding, or somebody forbade to change it. */
function isAccepted({ exchange: { request }, headers }: Answer, coding: string): boolean {
  return (
    acceptsEncoding(request.headers.get("accept-encoding"), coding) ||
    hasToken(request.headers.get("cache-control"), "no-transform") ||
    hasToken(headers.get("cache-control"), "no-transform")
  );
}

function isPartial(headers: OutgoingFields, status: number): boolean {
  return status === 206 || headers.has("content-range");
}
