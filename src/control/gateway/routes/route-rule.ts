import * as v from "valibot";

/** `namespace/name` of something that requests can be sent to. */
const backendTarget = {
  group: v.optional(v.string(), ""),
  kind: v.optional(v.string(), "Service"),
  namespace: v.optional(v.string()),
  name: v.string(),
  port: v.optional(v.number()),
};

const fieldMatch = v.strictObject({
  type: v.optional(v.string(), "Exact"),
  name: v.string(),
  value: v.string(),
});

const pathMatch = v.strictObject({
  type: v.optional(v.string(), "PathPrefix"),
  value: v.optional(v.string(), "/"),
});

const match = v.strictObject({
  path: v.optional(pathMatch, {}),
  headers: v.optional(v.array(fieldMatch), []),
  queryParams: v.optional(v.array(fieldMatch), []),
  method: v.optional(v.string()),
});

const field = v.strictObject({ name: v.string(), value: v.string() });

const headerModifier = v.strictObject({
  set: v.optional(v.array(field), []),
  add: v.optional(v.array(field), []),
  remove: v.optional(v.array(v.string()), []),
});

const pathModifier = v.strictObject({
  type: v.string(),
  replaceFullPath: v.optional(v.string()),
  replacePrefixMatch: v.optional(v.string()),
});

const redirect = v.strictObject({
  scheme: v.optional(v.string()),
  hostname: v.optional(v.string()),
  path: v.optional(pathModifier),
  port: v.optional(v.number()),
  statusCode: v.optional(v.number(), 302),
});

const urlRewrite = v.strictObject({ hostname: v.optional(v.string()), path: v.optional(pathModifier) });

const mirror = v.strictObject({
  backendRef: v.strictObject(backendTarget),
  percent: v.optional(v.number()),
  fraction: v.optional(v.strictObject({ numerator: v.number(), denominator: v.optional(v.number(), 100) })),
});

const filter = v.looseObject({
  type: v.string(),
  requestHeaderModifier: v.optional(headerModifier),
  responseHeaderModifier: v.optional(headerModifier),
  requestRedirect: v.optional(redirect),
  urlRewrite: v.optional(urlRewrite),
  requestMirror: v.optional(mirror),
});

const filters = v.optional(v.array(filter), []);

const backendRef = v.strictObject({ ...backendTarget, weight: v.optional(v.number(), 1), filters });

const timeouts = v.strictObject({
  request: v.optional(v.string()),
  backendRequest: v.optional(v.string()),
});

const retry = v.strictObject({
  codes: v.optional(v.array(v.number()), []),
  attempts: v.optional(v.number(), 1),
  backoff: v.optional(v.string()),
});

/**
 * The matches of a rule. A key that we do not know would narrow them, and to leave it out would take more requests than the
 * rule is for; so there must be none, here and in the rest of the rule.
 */
export const matchesSchema = v.optional(v.array(match), [{}]);

/** What a rule does to the requests that it matches. */
export const ruleSchema = v.strictObject({
  name: v.optional(v.string()),
  matches: v.optional(v.unknown()),
  filters,
  backendRefs: v.optional(v.array(backendRef), []),
  timeouts: v.optional(timeouts, {}),
  retry: v.optional(retry),
});

/** The rules of a route, each to be read by itself: one that cannot be read leaves the others as they are. */
export const routeRulesSchema = v.optional(v.array(v.looseObject({ matches: v.optional(v.unknown()) })), [
  {},
]);

export type Match = v.InferOutput<typeof match>;
export type PathMatch = Match["path"];
export type FieldMatch = v.InferOutput<typeof fieldMatch>;
export type Rule = v.InferOutput<typeof ruleSchema>;
export type Filter = v.InferOutput<typeof filter>;
export type HeaderModifier = v.InferOutput<typeof headerModifier>;
export type PathModifier = v.InferOutput<typeof pathModifier>;
export type Redirect = v.InferOutput<typeof redirect>;
export type Mirror = v.InferOutput<typeof mirror>;
export type BackendRef = v.InferOutput<typeof backendRef>;
/** What names a backend, without weight and filters. */
export type BackendTarget = Mirror["backendRef"];
/** A rule as the object holds it. */
export type RawRule = v.InferOutput<typeof routeRulesSchema>[number];
