import type { OutgoingFields } from "../../../http/outgoing-answer.ts";
import type { ResponseFilterConfig } from "../../../config/config.ts";
import { parseTagMark } from "../../../config/tag-mark.ts";
import { type FilterMakers, type Kinds, makeFilters } from "../filter-makers.ts";
import { responseModule } from "../modules/response-module.ts";
import { mediaTypeOf } from "../media-type.ts";
import type { ResponseFilter } from "../response-filter.ts";
import type { FilterTools } from "./filter-tools.ts";
import { insertHtml } from "./insert-html.ts";
import { isHtml, isJson } from "./media-types.ts";
import { redactJson } from "./redact-json.ts";
import { createReplaceBody } from "./replace-body.ts";
import type { OpenBody } from "./replace-body.ts";
import { rewriteCookies } from "./rewrite-cookies.ts";
import { rewriteLocation } from "./rewrite-location.ts";
import { textBody } from "./text-body.ts";

/** Every kind of filter of answers, one line each. */
const makers: FilterMakers<ResponseFilterConfig, FilterTools, ResponseFilter> = {
  setHeader: (fields) =>
    headerFilter("setHeader", fields, (headers, name, value) => headers.set(name, value)),
  addHeader: (fields) =>
    headerFilter("addHeader", fields, (headers, name, value) => headers.append(name, value)),
  removeHeader: (names) =>
    headerFilter("removeHeader", fieldsOf(names), (headers, name) => headers.delete(name)),
  replaceBody: (config, tools) => bodyFilter(`replaceBody ${config.find}`, createReplaceBody(config, tools)),
  insertHtml: (config, tools) => bodyFilter(`insertHtml ${markOf(config)}`, createInsertHtml(config, tools)),
  redactJson: (config) =>
    bodyFilter(`redactJson ${config.keys.join(" ")}`, (type, contentType) =>
      isJson(type) ? redactJson(config, contentType) : undefined,
    ),
  rewriteLocation: (isOn, { upstreams }) => (isOn ? rewriteLocation(upstreams) : undefined),
  rewriteCookies: (config, { upstreams }) => rewriteCookies(config, upstreams),
  module: (file, tools) => responseModule(file, tools),
};

/** Makes the filters of a route's answers, in order. */
export function createResponseFilters(
  configs: readonly ResponseFilterConfig[],
  tools: FilterTools,
): readonly ResponseFilter[] {
  return makeFilters(configs, makers, tools);
}

/** Edits the fields of an answer. */
export type FieldEdit = (headers: OutgoingFields) => void;

/** Makes only those filters of a list that edit fields and look at nothing, in order. */
export function createFieldEdits(configs: readonly ResponseFilterConfig[]): readonly FieldEdit[] {
  return configs.flatMap((config): FieldEdit[] => {
    const edit = fieldEdits(config);
    return edit ? [edit] : [];
  });
}

function fieldEdits(config: ResponseFilterConfig): FieldEdit | undefined {
  if ("setHeader" in config)
    return editEach(config.setHeader, (headers, name, value) => headers.set(name, value));
  if ("addHeader" in config)
    return editEach(config.addHeader, (headers, name, value) => headers.append(name, value));
  if (!("removeHeader" in config)) return undefined;
  return editEach(fieldsOf(config.removeHeader), (headers, name) => headers.delete(name));
}

function editEach(fields: Readonly<Record<string, string>>, edit: Edit): FieldEdit {
  const entries = Object.entries(fields);
  return (headers) => {
    for (const [name, value] of entries) edit(headers, name, value);
  };
}

type Edit = (headers: OutgoingFields, name: string, value: string) => void;

function headerFilter(kind: string, fields: Readonly<Record<string, string>>, edit: Edit): ResponseFilter {
  const editAll = editEach(fields, edit);
  return {
    name: `${kind} ${Object.keys(fields).join(" ")}`,
    head: ({ headers }) => editAll(headers),
  };
}

function fieldsOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, ""]));
}

/** A part of a document passes: whoever has it could not fit it into the rest any more. */
function bodyFilter(name: string, open: OpenBody): ResponseFilter {
  return {
    name,
    body({ headers, status }) {
      if (status === 206 || headers.has("content-range")) return undefined;
      return open(mediaTypeOf(headers), headers.get("content-type"));
    },
  };
}

function createInsertHtml(
  config: Kinds<ResponseFilterConfig>["insertHtml"],
  { report }: FilterTools,
): OpenBody {
  const mark = parseTagMark(markOf(config));
  const side = config.before === undefined ? "after" : "before";
  const open = textBody((charset) => {
    const html = charset.encode(config.html);
    return mark && html && insertHtml({ side, mark, html, charset });
  }, report);
  return (type, contentType) => (isHtml(type) ? open(contentType) : undefined);
}

function markOf({ before, after }: Kinds<ResponseFilterConfig>["insertHtml"]): string {
  return before ?? after ?? "";
}
