import { connect, type Socket } from "node:net";

import { startTcpServer, type TestServer } from "./start-server.ts";
import type { Teardown } from "./teardown.ts";

/** One end of a TCP connection, driven by hand: every byte is the test's. */
export interface Talk {
  readonly socket: Socket;
  /** All that came so far and was not taken by `take`, as latin1 text. */
  readonly text: () => string;
  /** How many bytes have come. */
  readonly receivedBytes: () => number;
  /** Waits until the text holds `mark` (or satisfies it) and takes everything up to its end off the text. */
  readonly take: (mark: string) => Promise<string>;
  /** Waits for so many further bytes and takes them. */
  readonly takeBytes: (count: number) => Promise<string>;
  /** Writes latin1 text or bytes; resolves when the system took them. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>;
  /** Closes as a process does that has said everything. */
  readonly end: () => void;
  /** Closes as a process does that crashes: the peer gets a reset. */
  readonly reset: () => void;
  /** Resolves when the connection is over, with how it ended. */
  readonly closed: Promise<Ending>;
  readonly isClosed: () => boolean;
}

/** How a connection ended: the peer said so, it was reset, or we ended it ourselves. */
export type Ending = "end" | "reset";

/** Connects to a port of 127.0.0.1; the connection is cut when the test has ended. */
export function openTalk(t: Teardown, port: number): Promise<Talk> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(talkOver(socket));
    });
    t.after(() => socket.destroy());
  });
}

/** Starts a TCP server that plays one script on each connection; a script may end early. */
export function startTalkServer(t: Teardown, script: (talk: Talk) => unknown, port = 0): Promise<TestServer> {
  return startTcpServer(t, (socket) => play(script, talkOver(socket)), port);
}

/** A connection on which the peer says nothing, such as one that only looks whether somebody accepts, ends its script. */
async function play(script: (talk: Talk) => unknown, talk: Talk): Promise<void> {
  try {
    await script(talk);
  } catch (error) {
    if (!(error instanceof EndedError)) throw error;
  }
}

/** The connection was over before what was waited for had come. */
export class EndedError extends Error {}

/** Answers every request on a connection, each after its head has come, until the peer leaves. */
export async function answerEach(talk: Talk, answer: string | ((head: Head) => unknown)): Promise<void> {
  while (!talk.isClosed()) {
    const head = await takeHead(talk);
    if (typeof answer === "string") await talk.write(answer);
    else await answer(head);
  }
}

/** Takes a connection into the hand. */
export function talkOver(socket: Socket): Talk {
  let text = "";
  let receivedBytes = 0;
  let ending: Ending | undefined;
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of waiting) check();
  };
  const closed = new Promise<Ending>((resolve) => {
    socket.on("error", () => (ending = "reset"));
    socket.on("close", () => {
      ending ??= "end";
      look();
      resolve(ending);
    });
  });
  socket.on("data", (chunk: Uint8Array) => {
    receivedBytes += chunk.byteLength;
    text += Buffer.from(chunk).toString("latin1");
    look();
  });

  function takeWhen(endOf: () => number, what: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const end = endOf();
        if (end < 0 && ending === undefined) return;
        waiting.delete(check);
        if (end < 0)
          return reject(new EndedError(`The connection ended (${ending}) before ${what}; it said: ${text}`));
        const taken = text.slice(0, end);
        text = text.slice(end);
        resolve(taken);
      };
      waiting.add(check);
      check();
    });
  }

  return {
    socket,
    text: () => text,
    receivedBytes: () => receivedBytes,
    take: (mark) =>
      takeWhen(() => {
        const at = text.indexOf(mark);
        return at < 0 ? -1 : at + mark.length;
      }, JSON.stringify(mark)),
    takeBytes: (count) => takeWhen(() => (text.length < count ? -1 : count), `${count} bytes`),
    write: (bytes) =>
      new Promise((resolve) => {
        socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () => resolve());
      }),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    closed,
    isClosed: () => ending !== undefined,
  };
}

/** The head of a message: its first line and its fields, in order and as they were written. */
export interface Head {
  readonly start: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The values of a field, whatever its case. */
  readonly all: (name: string) => readonly string[];
  /** The only value of a field; undefined where it is absent. */
  readonly get: (name: string) => string | undefined;
}

/** Waits for the head of a message, and takes it. */
export async function takeHead(talk: Talk): Promise<Head> {
  return parseHead(await talk.take("\r\n\r\n"));
}

/** Reads the head of a message. */
export function parseHead(text: string): Head {
  const [start = "", ...lines] = text.split("\r\n\r\n", 1)[0]!.split("\r\n");
  const fields = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const all = (name: string): string[] =>
    fields.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return { start, fields, all, get: (name) => all(name)[0] };
}

/** Reads the body that this head announces up to its end, however it is framed, and takes it. */
export async function takeBody(talk: Talk, head: Head): Promise<string> {
  if (head.get("transfer-encoding") === "chunked") return takeChunked(talk);
  const length = head.get("content-length");
  if (length !== undefined) return talk.takeBytes(Number(length));
  await talk.closed;
  return talk.takeBytes(talk.text().length);
}

/** Reads the chunks of a chunked body up to its end, and takes them. */
export async function takeChunked(talk: Talk): Promise<string> {
  let body = "";
  for (;;) {
    const size = Number.parseInt(await talk.take("\r\n"), 16);
    const chunk = await talk.takeBytes(size + 2);
    if (size === 0) return body;
    body += chunk.slice(0, size);
  }
}
