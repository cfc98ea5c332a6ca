import type { RequestFilterConfig } from "../../../config/config.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import { type FilterMakers, makeFilters } from "../filter-makers.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import { createBlock } from "./block.ts";
import { splitTarget } from "./edit-request.ts";
import { fieldFilter, joinFieldFilters, toFieldEdits } from "./field-edits.ts";
import type { FieldEdit } from "./field-edits.ts";
import { removeParameters, setParameter } from "./query-edits.ts";
import { replaceRequestBody } from "./replace-request-body.ts";
import { requestModule } from "./request-module.ts";
import type { RequestFilter } from "./request-filter.ts";

/** Every kind of filter of requests, one line each. */
const makers: FilterMakers<RequestFilterConfig, FilterTools, RequestFilter> = {
  setHeader: (fields) => headerFilter("setHeader", "set", fields),
  addHeader: (fields) => headerFilter("addHeader", "add", fields),
  removeHeader: (names) => headerFilter("removeHeader", "remove", named(names)),
  setQuery: (parameters) =>
    queryFilter("setQuery", Object.keys(parameters), (query) => setAll(query, parameters)),
  removeQuery: (names) => queryFilter("removeQuery", names, removal(names)),
  block: (config, tools) => createBlock(config, tools),
  replaceBody: (config, tools) => replaceRequestBody(config, tools),
  module: (file, tools) => requestModule(file, tools),
};

/** Makes the filters of a route's requests, in order. */
export function createRequestFilters(
  configs: readonly RequestFilterConfig[],
  tools: FilterTools,
): readonly RequestFilter[] {
  return joinFieldFilters(makeFilters(configs, makers, tools));
}

function headerFilter(
  key: string,
  kind: FieldEdit["kind"],
  fields: Readonly<Record<string, string>>,
): RequestFilter {
  return fieldFilter(`${key} ${Object.keys(fields).join(" ")}`, toFieldEdits(kind, fields));
}

function named(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, ""]));
}

function queryFilter(kind: string, names: readonly string[], edit: (query: string) => string): RequestFilter {
  return {
    name: `${kind} ${names.join(" ")}`,
    apply(exchange: Exchange) {
      const [path, query] = splitTarget(exchange.target);
      exchange.target = path + edit(query);
      return undefined;
    },
  };
}

function setAll(query: string, parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters).reduce(
    (edited, [name, value]) => setParameter(edited, name, value),
    query,
  );
}

function removal(names: readonly string[]): (query: string) => string {
  const set = new Set(names);
  return (query) => removeParameters(query, set);
}
