import { createHash, randomBytes } from "node:crypto";
import { unprintable } from "../../http/message/head-lines.ts";
import { DialError } from "../socket.ts";
import type { DialAnswer, DialOptions } from "../socket.ts";

/** Our side of a WebSocket's opening handshake. */
export interface Handshake {
  readonly text: string;
  /** What the server must answer to prove that it read it. */
  readonly acceptance: string;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Writes the request that asks a server for a WebSocket (RFC 6455, 4.1). No extensions are offered. */
export function createHandshake({ url, headers, protocols }: DialOptions): Handshake {
  const { pathname, search } = new URL(url);
  const key = randomBytes(16).toString("base64");
  const fields: [string, string][] = [
    ...headers,
    ["connection", "Upgrade"],
    ["upgrade", "websocket"],
    ["sec-websocket-version", "13"],
    ["sec-websocket-key", key],
  ];
  if (protocols.length > 0) fields.push(["sec-websocket-protocol", protocols.join(", ")]);
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return {
    text: `GET ${pathname}${search} HTTP/1.1\r\n${lines}\r\n`,
    acceptance: createHash("sha1")
      .update(key + GUID)
      .digest("base64"),
  };
}

/**
 * Reads the head of an answer. Throws a `DialError` where it is not HTTP. What `Headers` takes is not enough: control
 * characters would get out to the client with a cookie, and end Deno's process there.
 */
export function parseAnswer(head: string): DialAnswer {
  if (unprintable.test(head) || bareLineEnd.test(head))
    throw new DialError("the answer's head has a control character or a bare line end", "protocol");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new DialError("the answer is not HTTP", "protocol");
  const headers = new Headers();
  try {
    for (const line of lines) appendField(headers, line);
  } catch {
    throw new DialError("the answer has a malformed field", "protocol");
  }
  return { status, headers };
}

const bareLineEnd = /\r(?!\n)|(?<!\r)\n/;

function appendField(headers: Headers, line: string): void {
  const colon = line.indexOf(":");
  headers.append(line.slice(0, colon), line.slice(colon + 1));
}

/**
 * The sub-protocol that the server chose, "" for none. Throws a `DialError` where the server did not agree to a WebSocket
 * in every point: only then may bytes pass (CVE-2026-2833, CVE-2024-23326).
 */
export function agreedProtocol(answer: DialAnswer, acceptance: string, offered: readonly string[]): string {
  const { status, headers } = answer;
  if (status !== 101) throw new DialError(`the server answered ${status}`, "protocol", answer);
  const protocol = headers.get("sec-websocket-protocol") ?? "";
  const isAgreed = isUpgrade(headers) && headers.get("sec-websocket-accept") === acceptance;
  const isOffered = protocol === "" || offered.includes(protocol);
  if (!isAgreed || !isOffered || headers.has("sec-websocket-extensions")) {
    throw new DialError("the server's handshake is malformed", "protocol");
  }
  return protocol;
}

function isUpgrade(headers: Headers): boolean {
  const names = headers.get("connection") ?? "";
  return headers.get("upgrade")?.toLowerCase() === "websocket" && /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(names);
}
