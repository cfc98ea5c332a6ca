import type { IncomingFields } from "../../../http/incoming-request.ts";
import { Buffer } from "node:buffer";
import type { RequestFilterConfig } from "../../../config/config.ts";
import { parsePattern } from "../../../config/pattern.ts";
import { parseSource } from "../../../config/source.ts";
import { refusalOf } from "../../../http/failures.ts";
import type { Refusal } from "../../../http/failures.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import { mediaTypeOf } from "../media-type.ts";
import { charsetOf } from "../filters/charset.ts";
import { labelIn } from "../filters/text-body.ts";
import { bodyOf } from "./edit-request.ts";
import { peekBody } from "./peek-body.ts";
import type { RequestFilter } from "./request-filter.ts";

type BlockConfig = Extract<RequestFilterConfig, { readonly block: unknown }>["block"];

/** So much of a body is looked at, bytes; decoded, where it is encoded. */
const LOOKED_AT_BYTES = 1_048_576;

const UNREADABLE = refusalOf("http_request_denied", {
  status: 415,
  detail: "the body is encoded in a way that cannot be looked into",
  headers: { "accept-encoding": "gzip, deflate, br, zstd" },
});

/**
 * Refuses requests that hold a text, in any spelling that a server may read: path, query and forms are looked at as they came
 * and decoded. It sees what the client sent, but for a body, of which it sees what filters before it made.
 */
export function createBlock(
  { in: where, find, status }: BlockConfig,
  { client }: Pick<FilterTools, "client">,
): RequestFilter {
  const pattern = parsePattern(find);
  const isIn = (text: string): boolean =>
    typeof pattern === "string" ? text.includes(pattern) : pattern.test(text);
  const refusal = refusalOf("http_request_denied", { status, detail: "the request was refused by a filter" });
  const { kind, name } = parseSource(where);
  const judge = (texts: readonly string[]): Refusal | undefined => (texts.some(isIn) ? refusal : undefined);
  return {
    name: `block ${where} ${find}`,
    apply: (exchange) =>
      kind === "body" ? judgeBody(exchange, judge, client) : judge(textsOf(exchange, kind, name)),
  };
}

function textsOf(exchange: Exchange, kind: string, name: string): readonly string[] {
  if (kind === "path") return spellings(exchange.path, false);
  if (kind === "query") return spellings(exchange.query.slice(1), true);
  const value = exchange.request.headers.get(name);
  return value === null ? [] : [value];
}

/** The text as it came, and decoded where that makes a difference. */
function spellings(text: string, isForm: boolean): readonly string[] {
  const decoded = decodePercent(isForm ? text.replaceAll("+", " ") : text);
  return decoded === text ? [text] : [text, decoded];
}

/** What is no `%xx` stays; bytes that are no UTF-8 become one character each. */
function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) =>
    readUtf8(Buffer.from(run.replaceAll("%", ""), "hex")),
  );
}

function readUtf8(bytes: Uint8Array): string {
  return readText(bytes, "utf-8");
}

function readText(bytes: Uint8Array, label: string): string {
  const reader = (charsetOf(label) ?? charsetOf("utf-8"))?.decoder();
  return (reader?.write(bytes) ?? "") + Buffer.from(reader?.rest() ?? []).toString("latin1");
}

async function judgeBody(
  exchange: Exchange,
  judge: (texts: readonly string[]) => Refusal | undefined,
  client: FilterTools["client"],
): Promise<Refusal | undefined> {
  const body = bodyOf(exchange, client);
  if (!body) return undefined;
  const { headers } = exchange; // a filter before may have decoded it
  const coding = headers.get("content-encoding")?.trim() ?? "";
  const peeked = await peekBody(body, coding, LOOKED_AT_BYTES);
  if (peeked === "unreadable") return UNREADABLE;
  exchange.body = peeked.body;
  return judge(textsIn(peeked.start, headers));
}

/** A form is looked at decoded, too. */
function textsIn(bytes: Uint8Array, headers: IncomingFields): readonly string[] {
  const text = readText(bytes, labelIn(headers.get("content-type") ?? "") ?? "utf-8");
  const isForm = mediaTypeOf(headers) === "application/x-www-form-urlencoded";
  return isForm ? spellings(text, true) : [text];
}
