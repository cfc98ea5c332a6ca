import { rawRequest } from "../kit/raw-request.ts";
import { openTalk, parseHead, takeBody, takeHead } from "../kit/talk.ts";
import type { Head, Talk } from "../kit/talk.ts";
import type { Teardown } from "../kit/teardown.ts";

/** What a client asks for. */
export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A body with its framing, for which `fields` says what it is. */
  readonly rawBody?: string;
  readonly timeoutMs?: number;
}

/** What a client got. */
export interface Answered {
  /** 0 where the connection ended before a status line. */
  readonly status: number;
  readonly head: Head;
  /** As it came: chunks with their sizes. */
  readonly body: string;
  /** Whether the answer came to the end that its framing announced. */
  readonly isWhole: boolean;
}

/** Asks once over a connection of its own: no client of the runtime's, which might ask again by itself. */
export async function ask(port: number, question: Question = {}): Promise<Answered> {
  const { timeoutMs = 4_000 } = question;
  const text = await rawRequest(
    port,
    requestText({ ...question, fields: { connection: "close", ...question.fields } }),
    {
      timeoutMs,
    },
  );
  return readAnswer(text, question.method ?? "GET");
}

/** Asks many at once, at most `connections` at a time, each connection kept for its next question. */
export async function askMany(
  t: Teardown,
  port: number,
  { connections, questions }: { readonly connections: number; readonly questions: Iterator<Question> },
): Promise<Answered[]> {
  const answers: Answered[] = [];
  const run = async (): Promise<void> => {
    let talk: Talk | undefined;
    for (let next = questions.next(); !next.done; next = questions.next()) {
      if (!talk || talk.isClosed()) talk = await openTalk(t, port);
      answers.push(await askOver(talk, next.value));
    }
    talk?.socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, run));
  return answers;
}

/** Asks over a connection that stays open. */
export async function askOver(talk: Talk, question: Question): Promise<Answered> {
  await talk.write(requestText(question));
  try {
    const head = await takeHead(talk);
    const isBodiless = question.method === "HEAD";
    const body = isBodiless ? "" : await takeBody(talk, head);
    return { status: statusOf(head), head, body, isWhole: true };
  } catch {
    talk.socket.destroy();
    return readAnswer(talk.text(), question.method ?? "GET");
  }
}

/** The same question so many times, each with an id of its own. */
export function* times(count: number, question: Question = {}): Generator<Question> {
  for (let at = 0; at < count; at++) {
    yield { ...question, fields: { "x-id": String(at), ...question.fields } };
  }
}

function requestText({
  method = "GET",
  path = "/",
  host = "site.test",
  fields = {},
  body,
  rawBody = "",
}: Question): string {
  const lines = Object.entries({
    host,
    ...fields,
    ...(body !== undefined && { "content-length": String(body.length) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? rawBody}`;
}

function readAnswer(text: string, method: string): Answered {
  const head = parseHead(text);
  const end = text.indexOf("\r\n\r\n");
  const body = end < 0 ? "" : text.slice(end + 4);
  return {
    status: end < 0 ? 0 : statusOf(head),
    head,
    body,
    isWhole: end >= 0 && isWhole(head, body, method),
  };
}

function isWhole(head: Head, body: string, method: string): boolean {
  if (method === "HEAD") return true;
  if (head.get("transfer-encoding") === "chunked") return body.endsWith("0\r\n\r\n");
  const length = head.get("content-length");
  return length === undefined || body.length === Number(length);
}

function statusOf({ start }: Head): number {
  return Number(start.split(" ")[1] ?? 0);
}
