import type { BodySource, Client, ClientRequest, FetchInit, Reply } from "./client.ts";

/** Gives a client the manner of `fetch`, for those who ask so seldom that its cost does not matter. */
export function fetchOver(client: Pick<Client, "send">): Client["fetch"] {
  return async (url, init) => {
    init.signal.throwIfAborted();
    const call = client.send(toRequest(new URL(url), init));
    const cut = (): void => call.cut();
    init.signal.addEventListener("abort", cut, { once: true });
    try {
      return toResponse(await call.reply, cut);
    } catch (error) {
      init.signal.throwIfAborted();
      throw error;
    }
  };
}

function toRequest(
  { origin, host, pathname, search }: URL,
  { method, headers, body }: FetchInit,
): ClientRequest {
  const all = new Headers(headers);
  if (!all.has("host")) all.set("host", host);
  if (body) all.set("content-length", String(body.byteLength));
  return {
    origin,
    method,
    target: pathname + search,
    headers: all,
    body: body && sourceOf(body),
    connectMs: Infinity,
  };
}

function sourceOf(bytes: Uint8Array): BodySource {
  const pieces = [bytes];
  return { read: () => Promise.resolve(pieces.shift()) };
}

function toResponse({ status, fields, body }: Reply, cut: () => void): Response {
  const headers = new Headers();
  for (let at = 0; at < fields.length; at += 2) headers.append(fields[at] ?? "", fields[at + 1] ?? "");
  return new Response(bodiless.has(status) ? null : toBody(body, cut), { status, headers });
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function toBody(body: Reply["body"], cut: () => void): Uint8Array<ArrayBuffer> | ReadableStream {
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const bytes = await body.read();
    if (bytes === undefined) controller.close();
    else controller.enqueue(bytes);
  };
  return new ReadableStream({ pull, cancel: cut }, { highWaterMark: 0 });
}
