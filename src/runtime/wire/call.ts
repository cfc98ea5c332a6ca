import type { Buffer } from "node:buffer";
import { MalformedAnswer } from "../../http/message/malformed-answer.ts";
import type { AnswerFlaw } from "../../http/message/malformed-answer.ts";
import { isIdempotent } from "../../http/methods.ts";
import { writeRequestHead } from "../../http/message/request-head.ts";
import type { RequestFraming } from "../../http/message/request-head.ts";
import { ResponseReader } from "../../http/message/response-reader.ts";
import type { BodySource, Call, ClientRequest, Reply } from "../client.ts";
import type { FetchFault } from "../request-fault.ts";
import { AnswerStream } from "./answer-stream.ts";
import type { Connection, ConnectionUser } from "./connection.ts";
import type { Pool } from "./pool.ts";
import { Upload } from "./upload.ts";
import { RequestFault } from "../request-fault.ts";

/**
 * One request and its answer over one connection.
 *
 * A connection that was used before may have been closed by its server just then. If nothing at all was sent on it, or if
 * the request may be sent twice, it is sent again, once, on a new connection; all else fails, and says that the server may
 * have seen it.
 *
 * Source: RFC 9112, 9.3.1; RFC 9110, 9.2.2.
 */
export class WireCall implements Call, ConnectionUser {
  readonly reply: Promise<Reply>;
  readonly #request: ClientRequest;
  readonly #pool: Pool;
  readonly #framing: RequestFraming;
  /** Each character stands for a byte. */
  readonly #head: string;
  readonly #reader: ResponseReader;
  readonly #settle: PromiseWithResolvers<Reply> = Promise.withResolvers();
  #connection: Connection | undefined;
  #stream: AnswerStream | undefined;
  #upload: Upload | undefined;
  #hasHeard = false;
  #isOver = false;

  /** @throws {Error} where the request cannot be written. */
  constructor(request: ClientRequest, pool: Pool) {
    this.#request = request;
    this.#pool = pool;
    this.#framing = framingOf(request);
    this.#head = headOf(request, this.#framing, pool.isKept);
    this.#reader = new ResponseReader(request.method);
    this.reply = this.#settle.promise;
    this.#connection = pool.take(this);
    if (this.#connection) this.opened();
    else this.#openNew();
  }

  cut(): void {
    this.#fail(new RequestFault("aborted", "Cannot go on: the request was given up"));
  }

  opened(): void {
    const connection = this.#connection;
    if (!connection) return;
    const written = connection.writeText(this.#head);
    if (written === "unsent") return this.#replace(connection);
    const { body } = this.#request;
    if (body) this.#send(body, connection, written === "kept");
  }

  heard(bytes: Buffer): void {
    this.#hasHeard = true;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      return this.#fail(faultOf(error));
    }
    this.#look();
  }

  drained(): void {
    this.#upload?.drained();
  }

  lost(why: RequestFault | undefined): void {
    const isReused = this.#connection?.isReused === true;
    this.#connection = undefined;
    if (why === undefined && this.#reader.end()) return this.#look();
    if (isReused && !this.#hasHeard && this.#maySendAgain()) return this.#openNew();
    this.#fail(why ?? new RequestFault("reset", "Cannot go on: the server closed the connection"));
  }

  /** Nothing was sent: one that had rested makes way for a new one; a server that drops new ones is not asked for ever. */
  #replace({ isReused }: Connection): void {
    if (isReused) return this.#openNew();
    this.#fail(new RequestFault("refused", "Cannot connect: the server closed the connection at once"));
  }

  #openNew(): void {
    this.#connection?.cut();
    this.#connection = this.#pool.open(this, this.#request.connectMs);
  }

  /** Whether it may be sent twice, and nothing of a body is gone. */
  #maySendAgain(): boolean {
    return this.#request.body === null && isIdempotent(this.#request.method);
  }

  #send(body: BodySource, connection: Connection, isHeadKept: boolean): void {
    const upload = new Upload(connection, this.#framing);
    this.#upload = upload;
    upload.run(body, isHeadKept).catch((error: unknown) => {
      if (this.#upload === upload) this.#fail(error instanceof Error ? error : faultOf(error));
    });
  }

  #look(): void {
    const { head, isDone } = this.#reader;
    if (!head) return;
    if (isDone) this.#leaveConnection(head.isKept);
    if (this.#stream) return this.#stream.look();
    const { status, fields } = head;
    const body = isDone ? (this.#reader.take() ?? NOTHING) : this.#startStream();
    this.#settle.resolve({ status, fields, body });
  }

  #startStream(): AnswerStream {
    this.#stream = new AnswerStream(this.#reader, {
      pause: () => this.#connection?.pause(),
      resume: () => this.#connection?.resume(),
    });
    this.#stream.look();
    return this.#stream;
  }

  /** The answer is whole: the connection serves the next request, unless something is left on it in either direction. */
  #leaveConnection(isKept: boolean): void {
    const connection = this.#connection;
    const isUploaded = this.#upload?.isDone !== false;
    this.#isOver = true;
    this.#upload?.stop();
    this.#connection = undefined;
    if (!connection) return;
    if (!isUploaded || connection.hasUnsent || this.#reader.hasSurplus) connection.cut();
    else if (isKept) this.#pool.give(connection);
    else connection.close();
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection?.cut();
    this.#connection = undefined;
    this.#upload?.stop();
    if (this.#stream) this.#stream.fail(error);
    else this.#settle.reject(error);
  }
}

const NOTHING = new Uint8Array();

function headOf(request: ClientRequest, framing: RequestFraming, isKept: boolean): string {
  try {
    const { method, target, headers } = request;
    return writeRequestHead({ method, target, headers, framing, isKept });
  } catch (error) {
    throw new RequestFault("unwritable", error instanceof Error ? error.message : String(error), error);
  }
}

function framingOf({ body, headers }: ClientRequest): RequestFraming {
  if (body === null) return "none";
  const length = headers.get("content-length");
  return length === null ? "chunked" : Number(length);
}

const FAULTS: Readonly<Record<AnswerFlaw, FetchFault>> = {
  malformed: "protocol",
  "long-head": "long-head",
  coding: "coding",
};

function faultOf(error: unknown): Error {
  if (error instanceof MalformedAnswer) return new RequestFault(FAULTS[error.flaw], error.message, error);
  return new RequestFault("unknown", `Cannot go on: ${String(error)}`, error);
}
