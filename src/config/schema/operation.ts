import * as v from "valibot";
import { block, choice, modeOf, offOr, someText, text, wholeNumber, wordOf } from "./forms.ts";
import { bind, fileName, headerFields, urlOf } from "./http-words.ts";
import { duration, positiveDuration, share } from "./quantities.ts";

const count = wholeNumber({ min: 1, max: 1024 });

/** How many threads carry traffic. */
export const workersSchema = choice(
  [v.literal("auto", "auto"), count],
  (input) => (input === "auto" ? 0 : 1),
  (message) => `auto, or ${message}`,
);

/** One line a request. */
export const accessLogSchema = block({
  format: v.optional(modeOf("json", "combined"), "json"),
  output: v.optional(fileName, "stdout"),
  sample: v.optional(share, "100%"),
});

/** The file of what outlives a restart. */
export const storageSchema = offOr(fileName);

/** What the nodes of a pair or more share. */
export const clusterSchema = block({
  store: urlOf("redis", "rediss"),
  node: v.exactOptional(someText),
  prefix: v.optional(someText, "headgate"),
  interval: v.optional(positiveDuration, "1s"),
  tls: v.optional(
    block({
      ca: v.optional(text, ""),
      cert: v.optional(text, ""),
      key: v.optional(text, ""),
    }),
    {},
  ),
});

/** Where traces go. */
export const tracingSchema = block({
  otlp: urlOf("http", "https"),
  sample: v.optional(share, "1%"),
  parent: v.optional(wordOf("any", "trusted"), "any"),
  service: v.optional(someText, "headgate"),
  headers: v.optional(headerFields, {}),
});

/** Dashboard, API, metrics and health. */
export const adminSchema = block({
  bind: v.optional(offOr(bind), "127.0.0.1:9900"),
  token: v.optional(text, ""),
});

/** What happens from SIGTERM to the exit. */
export const shutdownSchema = block({
  grace: v.optional(duration, "0s"),
  drain: v.optional(duration, "30s"),
});
