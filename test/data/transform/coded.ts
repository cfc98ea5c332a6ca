import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";

import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";
import type { Head, Talk } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

/** The codings that we write. */
export const encodings = ["zstd", "br", "gzip"] as const;

/** Text of this many bytes that shrinks well. */
export function textOf(bytes: number): string {
  return "All that passes through is made better. ".repeat(Math.ceil(bytes / 40)).slice(0, bytes);
}

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Decodes a body that came as latin1 text. */
export function decode(encoding: string | undefined, body: string): string {
  const bytes = Buffer.from(body, "latin1");
  const decoder = decoders[encoding ?? ""];
  return Buffer.from(decoder ? decoder(bytes) : bytes).toString("latin1");
}

/** A proxy that compresses, before one server that plays a script after it has read each request's head. */
export async function compressorBefore(
  t: Teardown,
  script: (talk: Talk, head: Head) => unknown,
  compression: unknown = true,
): Promise<TestPlane> {
  const server = await startTalkServer(t, async (talk) => {
    while (!talk.isClosed()) await script(talk, await takeHead(talk));
  });
  return startPlaneFor(t, { ...proxyTo([server.url], { retry: { attempts: 0 } }), compression });
}

/** A head with these fields, and its end. */
export function headOf(fields: Readonly<Record<string, string>>, status = 200): string {
  const lines = Object.entries({ "Content-Type": "text/plain", ...fields }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n`;
}

/** A whole answer of known length. */
export function answerOf(body: string, fields: Readonly<Record<string, string>> = {}, status = 200): string {
  return headOf({ "Content-Length": String(body.length), ...fields }, status) + body;
}

/** How a request is sent. */
export interface Asking {
  readonly method?: string;
  readonly accept?: string;
  readonly fields?: string;
}

/** Sends a request; the answer is the caller's to read. */
export async function ask(t: Teardown, plane: TestPlane, asking: Asking = {}): Promise<Talk> {
  const client = await openTalk(t, plane.port);
  const { method = "GET", accept = "zstd, br, gzip", fields = "" } = asking;
  const acceptEncoding = accept === "-" ? "" : `Accept-Encoding: ${accept}\r\n`;
  await client.write(`${method} / HTTP/1.1\r\nHost: a.test\r\n${acceptEncoding}${fields}\r\n`);
  return client;
}

/** An answer as the client got it. */
export interface Received {
  readonly head: Head;
  /** Decoded. */
  readonly body: string;
  /** As it came over the wire, without chunk framing. */
  readonly raw: string;
}

/** Sends a request and reads the whole answer. */
export async function fetchCoded(t: Teardown, plane: TestPlane, asking: Asking = {}): Promise<Received> {
  const client = await ask(t, plane, asking);
  const head = await takeHead(client);
  const raw = asking.method === "HEAD" ? "" : await takeBody(client, head);
  client.socket.destroy();
  return { head, raw, body: decode(head.get("content-encoding"), raw) };
}
