import { parsePattern } from "../../../config/pattern.ts";
import { parseTemplate } from "../../../config/template.ts";
import { mediaTypeTest } from "../media-type.ts";
import type { FilterTools } from "./filter-tools.ts";
import { isText } from "./media-types.ts";
import { replaceRegex } from "./replace-regex.ts";
import { replaceText } from "./replace-text.ts";
import { textBody } from "./text-body.ts";
import type { OpenText } from "./text-body.ts";

/** What is replaced in which bodies. */
export interface BodyReplacement {
  /** A text, of which every occurrence is meant, or `/re/flags`. */
  readonly find: string;
  readonly with: string;
  /** Media types; undefined = all texts. */
  readonly types?: readonly string[] | undefined;
}

/** Makes the filter of a body by its media type and Content-Type field; undefined where it stays. */
export type OpenBody = (type: string, contentType: string | null) => ReturnType<OpenText>;

/** Replaces text in bodies, of requests and of answers alike. */
export function createReplaceBody(
  { find, with: instead, types }: BodyReplacement,
  tools: Pick<FilterTools, "monotonicMs" | "report">,
): OpenBody {
  const pattern = parsePattern(find);
  const isMeant = types ? mediaTypeTest(types) : isText;
  const isPlain = typeof pattern === "string";
  const openText = isPlain ? plainText(pattern, instead) : undefined;
  const openRegex = isPlain ? undefined : regexText(pattern, instead, tools.monotonicMs);
  const open = textBody((charset) => (openText ?? openRegex)?.(charset), tools.report);
  return (type, contentType) => (isMeant(type) ? open(contentType) : undefined);
}

function plainText(find: string, instead: string): OpenText {
  return (charset) => {
    const [bytes, other] = [charset.encode(find), charset.encode(instead)];
    if (!bytes || !other) return undefined;
    return replaceText({ find: bytes, with: other, unitBytes: charset.unitBytes });
  };
}

function regexText(
  regex: Exclude<ReturnType<typeof parsePattern>, string>,
  instead: string,
  monotonicMs: () => number,
): OpenText {
  const template = parseTemplate(instead);
  return (charset) =>
    charset.encode(instead) && replaceRegex({ regex, with: template, charset, monotonicMs });
}
