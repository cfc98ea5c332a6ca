import type { RequestFilterConfig } from "../../../config/config.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import { type FilterMakers, makeFilters } from "../filter-makers.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import { createBlock } from "./block.ts";
import { fieldsOf, splitTarget } from "./edit-request.ts";
import { removeParameters, setParameter } from "./query-edits.ts";
import { replaceRequestBody } from "./replace-request-body.ts";
import { requestModule } from "./request-module.ts";
import type { RequestFilter } from "./request-filter.ts";

/** Every kind of filter of requests, one line each. */
const makers: FilterMakers<RequestFilterConfig, FilterTools, RequestFilter> = {
  setHeader: (fields) =>
    headerFilter("setHeader", fields, (headers, name, value) => {
      deleteAliases(headers, name);
      headers.set(name, value);
    }),
  addHeader: (fields) =>
    headerFilter("addHeader", fields, (headers, name, value) => headers.append(name, value)),
  removeHeader: (names) =>
    headerFilter("removeHeader", named(names), (headers, name) => {
      deleteAliases(headers, name);
      headers.delete(name);
    }),
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
  return makeFilters(configs, makers, tools);
}

type Edit = (headers: Headers, name: string, value: string) => void;

function headerFilter(kind: string, fields: Readonly<Record<string, string>>, edit: Edit): RequestFilter {
  const entries = Object.entries(fields);
  return {
    name: `${kind} ${Object.keys(fields).join(" ")}`,
    apply(exchange) {
      const headers = fieldsOf(exchange);
      for (const [name, value] of entries) edit(headers, name, value);
      return undefined;
    },
  };
}

/**
 * Deletes the other spellings of a field's name that a server could take for it: as CGI variables `X_User` and `X-User` are
 * both `HTTP_X_USER`. What a filter says is true; what a client says in its place must not be.
 */
function deleteAliases(headers: Headers, name: string): void {
  const canonical = withHyphens(name.toLowerCase());
  const aliases = [...headers.keys()].filter((other) => withHyphens(other) === canonical);
  for (const alias of aliases) headers.delete(alias);
}

function withHyphens(name: string): string {
  return name.replaceAll(/[_.]/g, "-");
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
