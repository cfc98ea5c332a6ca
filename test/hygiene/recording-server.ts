import type { Socket } from "node:net";
import { startTcpServer } from "../kit/start-server.ts";
import type { TestServer } from "../kit/start-server.ts";
import type { Teardown } from "../kit/teardown.ts";

/** A request as a lenient server reads it. */
export interface Recorded {
  /** The request line. */
  readonly line: string;
  /** Every field line, in order, names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** A server that takes nearly anything and remembers it. */
export interface RecordingServer extends TestServer {
  /** The requests so far, over all connections; what follows a request on its connection is the next one. */
  readonly requests: readonly Recorded[];
  /** Every byte that came, as latin1. */
  readonly bytes: () => string;
  /** Forgets what it saw. */
  readonly forget: () => void;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/** Starts a server that answers whatever looks like a request with `answer`, on connections that stay open. */
export async function startRecordingServer(t: Teardown, answer = OK): Promise<RecordingServer> {
  const requests: Recorded[] = [];
  let bytes = "";
  const server = await startTcpServer(t, (socket) => {
    let rest = "";
    socket.on("data", (chunk: Uint8Array) => {
      const text = Buffer.from(chunk).toString("latin1");
      bytes += text;
      rest = takeRequests(rest + text, requests, () => send(socket, answer));
    });
  });
  const forget = (): void => {
    requests.length = 0;
    bytes = "";
  };
  return { ...server, requests, bytes: () => bytes, forget };
}

function send(socket: Socket, answer: string): void {
  if (socket.writable) socket.write(Buffer.from(answer, "latin1"));
}

/** Cuts whole requests off the front, and gives what is left. */
function takeRequests(text: string, requests: Recorded[], done: () => void): string {
  for (let rest = text; ;) {
    const taken = takeRequest(rest);
    if (!taken) return rest;
    requests.push(taken.request);
    done();
    rest = taken.rest;
  }
}

function takeRequest(text: string): { request: Recorded; rest: string } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const fields = lines.map(toField);
  const body = takeBody(text.slice(end + 4), fields);
  return body && { request: { line, fields, body: body.body }, rest: body.rest };
}

function toField(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function takeBody(text: string, fields: Recorded["fields"]): { body: string; rest: string } | undefined {
  const value = (wanted: string): string | undefined => fields.find(([name]) => name === wanted)?.[1];
  if (value("transfer-encoding")) return takeChunks(text);
  const length = Number.parseInt(value("content-length") ?? "0", 10);
  return text.length < length ? undefined : { body: text.slice(0, length), rest: text.slice(length) };
}

function takeChunks(text: string): { body: string; rest: string } | undefined {
  let body = "";
  for (let rest = text; ;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest, 16);
    if (end < 0 || rest.length < end + 2 + size + 2) return undefined;
    body += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 2 + size + 2);
    if (size === 0) return { body, rest };
  }
}
