import { decoderOf } from "../decoders.ts";
import { createReplaceBody } from "../filters/replace-body.ts";
import type { BodyReplacement } from "../filters/replace-body.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import { mediaTypeOf } from "../media-type.ts";
import { Passage } from "../passage.ts";
import { bodyOf, fieldsOf } from "./edit-request.ts";
import { namedBody, sourceOf } from "./named-body.ts";
import type { BodySource } from "./named-body.ts";
import type { RequestFilter } from "./request-filter.ts";

/** Replaces text in the bodies of requests; an encoded one goes on decoded, one in an unknown coding as it is. */
export function replaceRequestBody(config: BodyReplacement, tools: FilterTools): RequestFilter {
  const open = createReplaceBody(config, tools);
  const name = `replaceBody ${config.find}`;
  return {
    name,
    apply(exchange) {
      const source = bodyOf(exchange, tools.client);
      if (!source) return undefined;
      const headers = fieldsOf(exchange);
      const coding = (headers.get("content-encoding") ?? "identity").trim();
      const decode = coding === "identity" ? undefined : decoderOf(coding);
      const filter = open(mediaTypeOf(headers), headers.get("content-type"));
      if (!filter || (coding !== "identity" && !decode)) return undefined;
      for (const name of changed) headers.delete(name);
      const passage = new Passage({ decode, filters: [filter], encoder: undefined });
      exchange.atEnd(() => passage.close());
      exchange.body = namedBody(through(sourceOf(source), passage, tools), { name, exchange });
      return undefined;
    },
  };
}

/** Fields of the bytes that were. */
const changed = [
  "content-length",
  "content-encoding",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
];

/** What a passage makes of a body, a piece whenever one is asked for. */
function through(
  source: BodySource,
  passage: Passage,
  { noteGarbage }: Pick<FilterTools, "noteGarbage">,
): BodySource {
  let isEnded = false;
  return {
    async next() {
      for (;;) {
        const piece = await passage.next();
        noteGarbage(passage.takeMadeBytes());
        if (piece || isEnded) return piece;
        const chunk = await source.next();
        noteGarbage(chunk?.byteLength ?? 0);
        if (chunk) passage.write(chunk);
        else passage.end();
        isEnded = chunk === undefined;
      }
    },
    cancel(reason) {
      passage.close();
      return source.cancel(reason);
    },
  };
}
