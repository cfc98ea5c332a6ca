import { isEditableInAnswers, isEditableInRequests } from "../../../http/fields/editable-fields.ts";
import { isWholeHostname } from "../hostnames.ts";
import { translatePathChange, type PathChange } from "./path-change.ts";
import { readRedirect, type RedirectPlan } from "./redirect.ts";
import type { Filter, HeaderModifier, Mirror } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";

/** What the filters of a rule, or of a backend, come to in the words of the configuration. */
export interface FilterPlan {
  /** The filters of requests and of answers. */
  readonly request: readonly object[];
  readonly response: readonly object[];
  readonly rewrite?: PathChange;
  /** What servers get as Host. */
  readonly hostname?: string;
  readonly redirect?: RedirectPlan;
  readonly mirror?: Mirror;
}

/** What a match knows that filters depend on. */
export interface Matched {
  /** The prefix that the requests have in common; undefined where there is none. */
  readonly prefix: string | undefined;
}

/** Translates filters in their order. Throws `Unsupported` where one of them cannot be, or two exclude each other. */
export function translateFilters(filters: readonly Filter[], matched: Matched): FilterPlan {
  const plans = filters.map((filter) => translateFilter(filter, matched));
  refuseRepeats(plans);
  return {
    ...Object.assign({}, ...plans),
    request: plans.flatMap(({ request = [] }) => request),
    response: plans.flatMap(({ response = [] }) => response),
  };
}

function translateFilter(filter: Filter, matched: Matched): Partial<FilterPlan> {
  const translate = Object.hasOwn(translators, filter.type) ? translators[filter.type] : undefined;
  if (translate === undefined)
    throw new Unsupported(`the filter ${JSON.stringify(filter.type)} is not known`);
  return translate(filter, matched);
}

type Translator = (filter: Filter, matched: Matched) => Partial<FilterPlan>;

/** The kinds of filters that there are, one line each. */
const translators: Readonly<Record<string, Translator>> = {
  RequestHeaderModifier: ({ requestHeaderModifier: change }) => ({
    request: editsOf(needed(change, "requestHeaderModifier"), isEditableInRequests),
  }),
  ResponseHeaderModifier: ({ responseHeaderModifier: change }) => ({
    response: editsOf(needed(change, "responseHeaderModifier"), isEditableInAnswers),
  }),
  RequestRedirect: ({ requestRedirect }, matched) => {
    const redirect = readRedirect(needed(requestRedirect, "requestRedirect"));
    return { redirect, ...rewriteOf(requestRedirect?.path, matched) };
  },
  URLRewrite: ({ urlRewrite }, matched) => {
    const { hostname, path } = needed(urlRewrite, "urlRewrite");
    return { ...rewriteOf(path, matched), ...hostnameOf(hostname) };
  },
  RequestMirror: ({ requestMirror }) => ({ mirror: needed(requestMirror, "requestMirror") }),
};

function rewriteOf(change: Parameters<typeof translatePathChange>[0] | undefined, { prefix }: Matched) {
  return change === undefined ? {} : { rewrite: translatePathChange(change, prefix) };
}

function hostnameOf(hostname: string | undefined): { readonly hostname?: string } {
  if (hostname === undefined) return {};
  if (isWholeHostname(hostname)) return { hostname };
  throw new Unsupported(`${JSON.stringify(hostname)} is no host name to rewrite to`);
}

function needed<T>(value: T | undefined, key: string): T {
  if (value === undefined) throw new Unsupported(`a filter is without its ${key}`);
  return value;
}

/** First what is set, then what is added, then what is removed; an entry for a field that was named before is left out. */
function editsOf({ set, add, remove }: HeaderModifier, isEditable: (name: string) => boolean): object[] {
  const fixed = [...set, ...add].map(({ name }) => name).concat(remove);
  const bad = fixed.find((name) => !isEditable(name));
  if (bad !== undefined) throw new Unsupported(`the field ${JSON.stringify(bad)} may not be changed`);
  return [
    ...(set.length > 0 ? [{ setHeader: toFields(set) }] : []),
    ...(add.length > 0 ? [{ addHeader: toFields(add) }] : []),
    ...(remove.length > 0 ? [{ removeHeader: remove }] : []),
  ];
}

function toFields(fields: HeaderModifier["set"]): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ name, value }) => [name.toLowerCase(), value] as const).toReversed(),
  );
}

/** Kinds of which there can be one: the second would take the first one's place in silence. */
const single = ["rewrite", "hostname", "redirect", "mirror"] as const;

function refuseRepeats(plans: readonly Partial<FilterPlan>[]): void {
  const repeated = single.find((kind) => plans.filter((plan) => plan[kind] !== undefined).length > 1);
  if (repeated !== undefined)
    throw new Unsupported(`two filters of a rule give a ${repeated}`, "IncompatibleFilters");
  const has = (kind: keyof FilterPlan): boolean => plans.some((plan) => plan[kind] !== undefined);
  if (has("redirect") && has("hostname"))
    throw new Unsupported("RequestRedirect and URLRewrite exclude each other", "IncompatibleFilters");
}
