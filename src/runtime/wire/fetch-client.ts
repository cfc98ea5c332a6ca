import type { Client, ClientOptions, ClientRequest } from "../host.ts";
import { WireClient } from "./wire-client.ts";
import type { BodySource, ServerAnswer, WireRequest } from "./wire-request.ts";

/** A client of our own in the clothes of `fetch`. */
export function createFetchClient(options: ClientOptions): Client {
  const wire = new WireClient(options);
  return {
    async fetch(url, request) {
      const { signal } = request;
      signal.throwIfAborted();
      const call = wire.send(toWireRequest(url, request));
      signal.addEventListener("abort", () => call.cut(), { once: true });
      return toResponse(await call.answer, () => call.cut());
    },
    close: () => wire.close(),
  };
}

function toWireRequest(url: string, { method, headers, body }: ClientRequest): WireRequest {
  const { origin, host, pathname, search } = new URL(url);
  if (!headers.has("host")) headers.set("host", host);
  return { origin, method, target: pathname + search, headers, body: sourceOf(body), connectMs: Infinity };
}

function sourceOf(body: ClientRequest["body"]): BodySource | null {
  if (body === null) return null;
  const reader = (body instanceof Uint8Array ? new Blob([body]).stream() : body).getReader();
  return { read: async () => (await reader.read()).value };
}

function toResponse({ status, fields, body }: ServerAnswer, cut: () => void): Response {
  const headers = new Headers();
  for (let at = 0; at < fields.length; at += 2) headers.append(fields[at] ?? "", fields[at + 1] ?? "");
  if (body instanceof Uint8Array) return new Response(bodyless(body, status), { status, headers });
  const pull = async (
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> => {
    const bytes = await body.read();
    if (bytes === undefined) controller.close();
    else controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
  };
  return new Response(new ReadableStream({ pull, cancel: cut }, { highWaterMark: 0 }), { status, headers });
}

function bodyless(body: Uint8Array, status: number): Uint8Array<ArrayBuffer> | null {
  return status === 204 || status === 205 || status === 304 ? null : (body as Uint8Array<ArrayBuffer>);
}
