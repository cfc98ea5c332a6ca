import * as v from "valibot";
import { block, checked, choice, listOf, wordOf } from "./forms.ts";
import { size } from "./quantities.ts";

const encodings = listOf(wordOf("zstd", "br", "gzip"));
const mediaTypes = listOf(
  checked("a media type such as text/html or text/*", (value) => /^[^\s/;,]+\/[^\s/;,]+$/.test(value)),
);
const level = wordOf("fast", "balanced", "best");

const compression = block({
  encodings: v.optional(encodings, ["zstd", "br", "gzip"]),
  minSize: v.optional(size, "1KiB"),
  types: v.optional(mediaTypes, [
    "text/*",
    "application/json",
    "application/javascript",
    "application/xml",
    "image/svg+xml",
    "application/wasm",
  ]),
  level: v.optional(level, "fast"),
});

const routeCompression = block({
  encodings: v.exactOptional(encodings),
  minSize: v.exactOptional(size),
  types: v.exactOptional(mediaTypes),
  level: v.exactOptional(level),
});

const off = v.pipe(
  v.union([v.literal(false), v.literal("off"), v.literal("false")], "true, false or a block of keys"),
  v.transform((): false => false),
);

const on = v.pipe(
  v.union([v.literal(true), v.literal("true")], "true, false or a block of keys"),
  v.transform(() => ({})),
);

/** Which of off, on and a block the input is, in this order. */
function pickSwitch(input: unknown): number {
  if (input === false || input === "off" || input === "false") return 0;
  return typeof input === "object" && input !== null ? 2 : 1;
}

/** False, or how bodies are compressed; `true` = all defaults. */
export const compressionSchema = choice([off, v.pipe(on, compression), compression], pickSwitch);

/** False, or what a route changes of the global block; `true` changes nothing but is on. */
export const routeCompressionSchema = choice(
  [off, v.pipe(on, routeCompression), routeCompression],
  pickSwitch,
);
