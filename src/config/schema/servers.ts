import * as v from "valibot";
import { parseServerUrl, serverUrlAllowed } from "../server-url.ts";
import { block, checked, choice, flag, parsed, wholeNumber } from "./forms.ts";
import { name } from "./http-words.ts";

const pattern = "^https?://[^/\\s]+/?$";

const serverBlock = v.pipe(
  block({
    url: parsed({ allowed: serverUrlAllowed, pattern, parse: parseServerUrl }),
    name: v.exactOptional(name),
    weight: v.optional(wholeNumber({ min: 0, max: 256 }), 1),
    backup: v.optional(flag, false),
    maxConnections: v.optional(wholeNumber({ min: 0, max: 1_000_000 }), 0),
  }),
  v.transform(({ url: { authority, ...target }, ...server }) => ({ name: authority, ...server, ...target })),
);

const shorthand = v.pipe(
  checked(serverUrlAllowed, (url) => parseServerUrl(url) !== undefined),
  v.metadata({ pattern }),
  v.transform((url) => ({ url })),
  serverBlock,
);

/** One server, given as a block or as its URL alone. */
export const serverSchema = choice([serverBlock, shorthand], (input) => (typeof input === "string" ? 1 : 0));
