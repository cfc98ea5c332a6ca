import type { Exchange } from "../../exchange/exchange.ts";
import type { ByteReader } from "../byte-reader.ts";
import { describeFilterError } from "../filter-error.ts";
import { StageFault } from "../stage-fault.ts";

/** Where the bytes of a body come from, one piece after the other; undefined = the end. */
export interface BodySource {
  next(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): Promise<void>;
}

/** A body as a filter gives it: where that fails, the error bears the filter's name, unless it is the client's doing. */
export function namedBody(
  source: BodySource,
  { name, exchange }: { readonly name: string; readonly exchange: Exchange },
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await source.next().catch((error: unknown) => {
          throw blame(error, exchange, name);
        });
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** The pieces of a stream. */
export function sourceOf(stream: ReadableStream<Uint8Array>): BodySource {
  const reader: ByteReader = stream.getReader();
  return {
    next: async () => (await reader.read()).value,
    cancel: (reason) => reader.cancel(reason),
  };
}

function blame(error: unknown, { clientBody }: Exchange, name: string): unknown {
  if (clientBody && error instanceof StageFault && error.fault === "http_response_content_coding")
    clientBody.fault ??= "unreadable_body";
  if (clientBody?.fault) return error;
  return new Error(describeFilterError(name, error), { cause: error });
}
