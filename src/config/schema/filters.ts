import * as v from "valibot";
import { isEditableInAnswers, isEditableInRequests } from "../../http/fields/editable-fields.ts";
import { parseTagMark } from "../tag-mark.ts";
import { block, checked, flag, listOf, mapOf, oneOrMany, someOf, someText, text, wordOf } from "./forms.ts";
import { fileName, headerName, headerValue, somePattern, sourceOf, status } from "./http-words.ts";

const mediaTypes = listOf(someText);

const replaceBody = block({ find: somePattern, with: text, types: v.exactOptional(mediaTypes) });

const blockFilter = block({
  in: sourceOf(["path", "query", "body"], ["header"]),
  find: somePattern,
  status: v.optional(status, 403),
});

const tagMark = checked(
  "a tag such as </body>, <head> or </head>",
  (mark) => parseTagMark(mark) !== undefined,
);

const insertHtml = v.pipe(
  block({ before: v.exactOptional(tagMark), after: v.exactOptional(tagMark), html: text }),
  v.check(({ before, after }) => (before === undefined) !== (after === undefined), "either before or after"),
);

const redactJson = block({ keys: someOf(someText), with: v.optional(text, "***") });

const rewriteCookies = block({
  domain: v.exactOptional(headerValue),
  path: v.exactOptional(headerValue),
  secure: v.exactOptional(flag),
  sameSite: v.exactOptional(wordOf("Strict", "Lax", "None")),
});

const requestField = editable(
  isEditableInRequests,
  "a header that filters may change: not one of framing (such as Content-Length) or forwarding (Host, Via, X-Forwarded-For, X-Request-Id)",
);

const answerField = editable(
  isEditableInAnswers,
  "a header that filters may change: not one of framing, such as Content-Length or Content-Encoding",
);

const requestFilters = {
  setHeader: mapOf(requestField, headerValue),
  addHeader: mapOf(requestField, headerValue),
  removeHeader: oneOrMany(requestField),
  setQuery: mapOf(someText, text),
  removeQuery: oneOrMany(someText),
  block: blockFilter,
  replaceBody,
  module: fileName,
};

const responseFilters = {
  setHeader: mapOf(answerField, headerValue),
  addHeader: mapOf(answerField, headerValue),
  removeHeader: oneOrMany(answerField),
  replaceBody,
  insertHtml,
  redactJson,
  rewriteLocation: flag,
  rewriteCookies,
  module: fileName,
};

/** The filters of a route, in order; each entry has exactly one key, its kind. */
export const filtersSchema = block({
  request: v.optional(listOf(oneKeyOf(requestFilters)), []),
  response: v.optional(listOf(oneKeyOf(responseFilters)), []),
});

function editable(isEditable: (name: string) => boolean, allowed: string) {
  return v.pipe(headerName, v.check(isEditable, allowed));
}

type OneKey<E extends v.ObjectEntries> = {
  [K in keyof E]: { readonly [P in K]: v.InferOutput<E[K]> };
}[keyof E];

function oneKeyOf<const E extends v.ObjectEntries>(entries: E) {
  const optional = Object.fromEntries(
    Object.entries(entries).map(([key, schema]) => [key, v.exactOptional(schema as v.GenericSchema)]),
  );
  return v.pipe(
    block(optional),
    v.check(
      (filter) => Object.keys(filter).length === 1,
      `one filter an entry: ${Object.keys(entries).join(", ")}`,
    ),
    v.transform((filter) => filter as OneKey<E>),
  );
}
