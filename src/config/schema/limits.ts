import * as v from "valibot";
import { block, flag, listOf, modeOf, offOr, wholeNumber, wordOf } from "./forms.ts";
import { cidrs, sourceOf } from "./http-words.ts";
import { byteRate, positiveDuration, rate, size } from "./quantities.ts";

const count = wholeNumber({ min: 0, max: 1_000_000_000 });

const rateRule = v.pipe(
  block({
    key: sourceOf(["client-ip", "route"], ["header", "cookie"]),
    rate,
    burst: v.exactOptional(wholeNumber({ min: 1, max: 1_000_000_000 })),
  }),
  v.transform((rule) => ({ ...rule, burst: rule.burst ?? rule.rate.count })),
);

const concurrency = block({ perClient: v.optional(count, 0), total: v.optional(count, 0) });

const shed = block({ enabled: v.optional(flag, true), maxLag: v.optional(positiveDuration, "1s") });

const ban = block({
  after: v.optional(wholeNumber({ min: 1, max: 1_000_000_000 }), 100),
  window: v.optional(positiveDuration, "1m"),
  for: v.optional(positiveDuration, "10m"),
});

const challenge = block({
  mode: v.optional(modeOf("over-limit", "always"), "off"),
  difficulty: v.optional(wholeNumber({ min: 1, max: 32 }), 16),
  ttl: v.optional(positiveDuration, "1h"),
});

const shared = {
  rate: listOf(rateRule),
  scope: wordOf("node", "cluster"),
  concurrency,
  shed,
  body: size,
  uri: size,
  headers: size,
  minUploadRate: byteRate,
  challenge,
  exempt: cidrs,
};

/** The limits of every route, unless it says otherwise. */
export const limitsSchema = block({
  rate: v.optional(shared.rate, []),
  scope: v.optional(shared.scope, "node"),
  concurrency: v.optional(shared.concurrency, {}),
  shed: v.optional(shared.shed, {}),
  body: v.optional(shared.body, "0B"),
  uri: v.optional(shared.uri, "8KiB"),
  headers: v.optional(shared.headers, "16KiB"),
  minUploadRate: v.optional(shared.minUploadRate, "240B/s"),
  ban: v.optional(offOr(ban), "off"),
  challenge: v.optional(shared.challenge, {}),
  exempt: v.optional(shared.exempt, []),
});

const routeBan = v.pipe(
  v.union([v.literal("off"), v.literal(false)], "off: bans stand in the global limits"),
  v.transform((): false => false),
);

/** The limits that a route replaces, key by key; a key that it does not name is absent. */
export const routeLimitsSchema = block({
  rate: v.exactOptional(shared.rate),
  scope: v.exactOptional(shared.scope),
  concurrency: v.exactOptional(shared.concurrency),
  shed: v.exactOptional(shared.shed),
  body: v.exactOptional(shared.body),
  uri: v.exactOptional(shared.uri),
  headers: v.exactOptional(shared.headers),
  minUploadRate: v.exactOptional(shared.minUploadRate),
  ban: v.exactOptional(routeBan),
  challenge: v.exactOptional(shared.challenge),
  exempt: v.exactOptional(shared.exempt),
});
