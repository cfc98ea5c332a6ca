import type { Exchange } from "../../exchange/exchange.ts";
import { decoderOf } from "../decoders.ts";
import { createReplaceBody } from "../filters/replace-body.ts";
import type { BodyReplacement } from "../filters/replace-body.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import { mediaTypeOf } from "../media-type.ts";
import { Passage } from "../passage.ts";
import { bodyOf, fieldsOf } from "./edit-request.ts";
import type { RequestFilter } from "./request-filter.ts";

/** Replaces text in the bodies of requests; an encoded one goes on decoded, one in an unknown coding as it is. */
export function replaceRequestBody(config: BodyReplacement, tools: FilterTools): RequestFilter {
  const open = createReplaceBody(config, tools);
  return {
    name: `replaceBody ${config.find}`,
    apply(exchange) {
      const source = bodyOf(exchange);
      if (!source) return undefined;
      const headers = fieldsOf(exchange);
      const coding = (headers.get("content-encoding") ?? "identity").trim();
      const decode = coding === "identity" ? undefined : decoderOf(coding);
      const filter = open(mediaTypeOf(headers), headers.get("content-type"));
      if (!filter || (coding !== "identity" && !decode)) return undefined;
      for (const name of changed) headers.delete(name);
      exchange.body = streamThrough(source, new Passage({ decode, filters: [filter], encoder: undefined }));
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

function streamThrough(source: NonNullable<Exchange["body"]>, passage: Passage): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let isEnded = false;
  async function nextPiece(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = await passage.next();
      if (piece || isEnded) return piece;
      const { done, value } = await reader.read();
      if (value) passage.write(value);
      isEnded = done;
      if (done) passage.end();
    }
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await nextPiece();
        if (piece) return controller.enqueue(piece);
        passage.close();
        return controller.close();
      },
      cancel(reason) {
        passage.close();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
