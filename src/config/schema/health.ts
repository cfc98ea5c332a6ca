import * as v from "valibot";
import { block, choice, listOf, offOr, oneOrMany, parsed, text, wholeNumber, wordOf } from "./forms.ts";
import { absolutePath, headerValue, status } from "./http-words.ts";
import { positiveDuration, share } from "./quantities.ts";

const count = wholeNumber({ min: 1, max: 1_000_000 });

const statusText = parsed({
  allowed: "a status such as 200, or a range such as 200-399",
  pattern: "^[1-5]\\d\\d(-[1-5]\\d\\d)?$",
  parse: parseStatusRange,
});

const statusNumber = v.pipe(
  wholeNumber({ min: 100, max: 599 }),
  v.transform((value) => ({ from: value, to: value })),
);

/** A status or a range of them, as `{ from, to }`. */
const statusRange = choice(
  [statusText, statusNumber],
  (input) => (typeof input === "string" ? 0 : 1),
  () => "a status such as 200, or a range such as 200-399",
);

/** Probes: requests of our own that ask a server whether it is well. */
export const activeHealthSchema = block({
  path: v.optional(absolutePath, "/healthz"),
  method: v.optional(wordOf("GET", "HEAD", "OPTIONS", "POST"), "GET"),
  host: v.optional(headerValue, ""),
  interval: v.optional(positiveDuration, "5s"),
  timeout: v.optional(positiveDuration, "2s"),
  rise: v.optional(count, 2),
  fall: v.optional(count, 3),
  status: v.optional(oneOrMany(statusRange), "200-399"),
  body: v.optional(text, ""),
});

/** What real traffic says about a server. */
export const passiveHealthSchema = block({
  failures: v.optional(count, 5),
  failureRate: v.optional(share, "30%"),
  minRequests: v.optional(count, 20),
  window: v.optional(positiveDuration, "10s"),
  status: v.optional(listOf(status), [502, 503, 504]),
  ejectFor: v.optional(positiveDuration, "30s"),
  maxEjectFor: v.optional(positiveDuration, "5m"),
  maxEjected: v.optional(share, "50%"),
});

/** Both kinds of health check of an upstream. */
export const healthSchema = block({
  active: v.exactOptional(activeHealthSchema),
  passive: v.optional(offOr(passiveHealthSchema), {}),
});

function parseStatusRange(value: string): { from: number; to: number } | undefined {
  const [, from = "", to = from] = /^([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?$/.exec(value) ?? [];
  return from !== "" && Number(from) <= Number(to) ? { from: Number(from), to: Number(to) } : undefined;
}
