import * as v from "valibot";
import { routeCompressionSchema } from "./compression.ts";
import { routeErrorPagesSchema } from "./error-pages.ts";
import { filtersSchema } from "./filters.ts";
import { block, checked, listOf, mapOf, oneOrMany, someText, text, wholeNumber } from "./forms.ts";
import {
  absolutePath,
  cidrs,
  cookieName,
  headerFields,
  headerName,
  headerValue,
  hostPattern,
  method,
  name,
  pattern,
  regexSource,
  status,
} from "./http-words.ts";
import { routeLimitsSchema } from "./limits.ts";
import { duration, share } from "./quantities.ts";
import { isPathPattern, pathPatternAllowed } from "../path-pattern.ts";

const redirectStatuses = [301, 302, 303, 307, 308];

const redirect = block({
  to: v.pipe(headerValue, v.minLength(1, "where to, such as https://$host$path$query")),
  status: v.optional(
    v.pipe(
      wholeNumber({ min: 301, max: 308 }),
      v.check((value) => redirectStatuses.includes(value), redirectStatuses.join(", ")),
    ),
    308,
  ),
});

const respond = v.pipe(
  block({
    status: v.optional(status, 200),
    body: v.optional(text, ""),
    headers: v.optional(headerFields, {}),
  }),
  v.check(
    (answer) => answer.body === "" || ![204, 205, 304].includes(answer.status),
    "an empty body where the status is 204, 205 or 304",
  ),
);

const rewrite = block({
  stripPrefix: v.exactOptional(absolutePath),
  addPrefix: v.exactOptional(absolutePath),
  regex: v.exactOptional(block({ find: regexSource, with: text })),
});

const access = block({ allow: v.optional(cidrs, []), deny: v.optional(cidrs, []) });

const routeTimeouts = block({
  connect: v.exactOptional(duration),
  response: v.exactOptional(duration),
  idle: v.exactOptional(duration),
  total: v.exactOptional(duration),
});

const conditions = {
  listener: v.exactOptional(oneOrMany(name)),
  host: v.exactOptional(oneOrMany(hostPattern)),
  path: v.optional(checked(pathPatternAllowed, isPathPattern), "/*"),
  pathRegex: v.exactOptional(regexSource),
  methods: v.exactOptional(oneOrMany(method)),
  headers: v.optional(mapOf(headerName, pattern), {}),
  query: v.optional(mapOf(someText, pattern), {}),
  cookies: v.optional(mapOf(cookieName, pattern), {}),
  clients: v.exactOptional(v.pipe(cidrs, v.minLength(1, "at least one network"))),
  share: v.exactOptional(share),
};

const actions = {
  upstream: v.exactOptional(name),
  split: v.exactOptional(mapOf(name, wholeNumber({ min: 0, max: 1_000_000 }))),
  redirect: v.exactOptional(redirect),
  respond: v.exactOptional(respond),
};

const routeSchema = block({
  name: v.exactOptional(checked("a name", (value) => /^[^\p{C}]+$/u.test(value))),
  ...conditions,
  ...actions,
  mirror: v.exactOptional(block({ upstream: name, share: v.optional(share, "100%") })),
  rewrite: v.exactOptional(rewrite),
  access: v.optional(access, {}),
  limits: v.optional(routeLimitsSchema, {}),
  compression: v.exactOptional(routeCompressionSchema),
  errorPages: v.optional(routeErrorPagesSchema, {}),
  timeouts: v.optional(routeTimeouts, {}),
  filters: v.optional(filtersSchema, {}),
});

type UnnamedRoute = v.InferOutput<typeof routeSchema>;

/** The routes in the order of the file, each with a name of its own: given, or its path, `/a#2` for the second such. */
export const routesSchema = v.pipe(listOf(routeSchema), v.transform(nameRoutes));

function nameRoutes(routes: UnnamedRoute[]): (UnnamedRoute & { name: string })[] {
  const taken = new Set(routes.flatMap((route) => route.name ?? []));
  return routes.map((route) => ({ ...route, name: route.name ?? freeName(route.path, taken) }));
}

function freeName(path: string, taken: Set<string>): string {
  let candidate = path;
  for (let count = 2; taken.has(candidate); count++) candidate = `${path}#${count}`;
  taken.add(candidate);
  return candidate;
}
