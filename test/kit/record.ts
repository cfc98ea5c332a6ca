import { answerEach, startTalkServer, type Head } from "./talk.ts";
import type { TestServer } from "./start-server.ts";
import type { Teardown } from "./teardown.ts";

/** A server that remembers the head of every request, byte by byte, and answers "ok". */
export interface RecordingServer extends TestServer {
  readonly heads: readonly Head[];
  /** The head of the last request; throws where none has come. */
  readonly last: () => Head;
}

/** Starts a recording server; `fields` are whole lines that each answer carries. */
export async function startRecordingServer(t: Teardown, fields = ""): Promise<RecordingServer> {
  const heads: Head[] = [];
  const server = await startTalkServer(t, (talk) =>
    answerEach(talk, (head) => {
      heads.push(head);
      return talk.write(
        `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}Content-Length: 2\r\n\r\nok`,
      );
    }),
  );
  const last = (): Head => {
    const head = heads.at(-1);
    if (!head) throw new Error("Cannot give the last request: none has come");
    return head;
  };
  return { ...server, heads, last };
}
