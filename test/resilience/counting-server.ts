import { startTalkServer, takeBody, takeHead } from "../kit/talk.ts";
import type { Head, Talk } from "../kit/talk.ts";
import type { Teardown } from "../kit/teardown.ts";

/** A request as a server saw it. */
export interface SeenRequest {
  readonly head: Head;
  readonly method: string;
  readonly target: string;
  /** As the client named it in `x-id`; "" where it did not. */
  readonly id: string;
  /** How many came before it on its connection. */
  readonly place: number;
}

/** Answers one request over the bare connection; what it does not send is not sent. */
export type Reply = (talk: Talk, request: SeenRequest) => unknown;

/** A server over bare TCP that remembers every request whose head it saw. */
export interface CountingServer {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** How often it saw the request of this id. */
  readonly times: (id: string) => number;
  readonly count: () => number;
  readonly connections: () => number;
  /** The most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  /** Replies otherwise from now on. */
  reply: Reply;
  /** Cuts every connection and stops listening, as a killed process would. */
  readonly stop: () => Promise<void>;
}

/** Starts a server that reads each request and then replies by script. */
export async function startCounting(t: Teardown, reply: Reply = ok(), port = 0): Promise<CountingServer> {
  const seen: SeenRequest[] = [];
  const atOnce = { now: 0, most: 0 };
  const counting = { reply };
  const server = await startTalkServer(
    t,
    async (talk) => {
      try {
        for (let place = 0; !talk.isClosed(); place++) await serve(talk, place);
      } catch {
        // The connection is over.
      }
    },
    port,
  );

  async function serve(talk: Talk, place: number): Promise<void> {
    const head = await takeHead(talk);
    const [method = "", target = ""] = head.start.split(" ");
    const request = { head, method, target, id: head.get("x-id") ?? "", place };
    seen.push(request);
    atOnce.now++;
    atOnce.most = Math.max(atOnce.most, atOnce.now);
    try {
      await counting.reply(talk, request);
    } finally {
      atOnce.now--;
    }
  }

  return Object.assign(counting, {
    url: server.url,
    port: server.port,
    stop: server.stop,
    seen,
    times: (id: string) => seen.filter((request) => request.id === id).length,
    count: () => seen.length,
    connections: server.count,
    mostAtOnce: () => atOnce.most,
  });
}

/** Reads the request's body, so that the next request can follow. */
export function takeUpload(talk: Talk, { head }: SeenRequest): Promise<string> {
  const hasBody = head.get("content-length") !== undefined || head.get("transfer-encoding") !== undefined;
  return hasBody ? takeBody(talk, head) : Promise.resolve("");
}

/** Replies with a text, and keeps the connection. */
export function ok(text = "ok", fields = ""): Reply {
  return status(200, text, fields);
}

/** Replies with a status and a text, and keeps the connection. */
export function status(code: number, text = `${code}`, fields = ""): Reply {
  return async (talk, request) => {
    await takeUpload(talk, request);
    await talk.write(
      answerText(code, request.method === "HEAD" ? { text, isBodiless: true } : { text }, fields),
    );
  };
}

/** The bytes of an answer; further `fields` end in CRLF each. */
export function answerText(
  code: number,
  { text, isBodiless = false }: { readonly text: string; readonly isBodiless?: boolean },
  fields = "",
): string {
  const head = `HTTP/1.1 ${code} X\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\n${fields}\r\n`;
  return isBodiless ? head : head + text;
}

/** Sends these bytes and then resets the connection. */
export function resetAfter(bytes: string): Reply {
  return async (talk, request) => {
    await takeUpload(talk, request);
    if (bytes !== "") await talk.write(bytes);
    await flushed();
    talk.reset();
  };
}

/** Sends these bytes and then closes the connection as if all had been said. */
export function closeAfter(bytes: string): Reply {
  return async (talk, request) => {
    await takeUpload(talk, request);
    await talk.write(bytes);
    talk.end();
  };
}

/** Never replies. */
export const hang: Reply = (talk) => talk.closed;

/** A reset overtakes bytes that were written in the same breath: this lets them go first. */
function flushed(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 3);
  });
}
