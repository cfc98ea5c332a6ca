import { isIdempotent } from "../../http/methods.ts";
import { toHeaders } from "../../http/fields/field-lines.ts";
import type { ReadableFields } from "../../http/fields/field-lines.ts";
import { fetchOver } from "../fetch-over.ts";
import type { BodySource, Call, Client, ClientOptions, ClientRequest, ClientTls, Reply } from "../client.ts";
import { RequestFault } from "../request-fault.ts";
import { withoutProxy } from "../without-proxy.ts";

/** Deno's own client: `fetch`. */
export class DenoClient implements Client {
  readonly fetch = fetchOver(this);
  readonly #keeping: Deno.HttpClient;
  readonly #fresh: Deno.HttpClient;

  constructor({ tls, idleTimeoutMs }: ClientOptions) {
    this.#keeping = createHttpClient(tls, idleTimeoutMs);
    this.#fresh = createHttpClient(tls, 0);
  }

  send(request: ClientRequest): Call {
    const cut = new AbortController();
    const fetched = fetch(request.origin + request.target, {
      method: request.method,
      headers: asRawRequest(request.headers),
      body: bodyOf(request),
      signal: cut.signal,
      redirect: "manual",
      client: mayBeSentAgain(request) ? this.#keeping : this.#fresh,
    } as RequestInit & { client: Deno.HttpClient });
    return new DenoCall(fetched, cut);
  }

  close(): void {
    this.#keeping.close();
    this.#fresh.close();
  }
}

class DenoCall implements Call {
  readonly reply: Promise<Reply>;
  readonly #cut: AbortController;
  #body: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(fetched: Promise<Response>, cut: AbortController) {
    this.#cut = cut;
    this.reply = fetched.then((response) => this.#toReply(response));
  }

  /** A body that nobody reads just then would keep its connection, were it not cancelled too. */
  cut(): void {
    this.#cut.abort();
    this.#body?.cancel().catch(() => {});
  }

  /** What cannot be passed on is no answer: an upgrade that nobody asked for, or a status that does not exist. */
  #toReply({ status, headers, body }: Response): Reply {
    if (status < 200 || status > 599)
      throw new RequestFault("protocol", `Cannot read the answer: status ${status}`);
    const fields: string[] = [];
    for (const field of headers) fields.push(...field);
    this.#body = body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    return { status, fields, body: this.#body ? this.#sourceOf(this.#body) : NOTHING };
  }

  /** What was cancelled must not look as if it had ended. */
  #sourceOf(body: ReadableStreamDefaultReader<Uint8Array>): BodySource {
    const read = async (): Promise<Uint8Array | undefined> => {
      const { value } = await body.read();
      if (this.#cut.signal.aborted)
        throw new RequestFault("aborted", "Cannot read on: the request was given up");
      return value;
    };
    return { read };
  }
}

const NOTHING = new Uint8Array();

/**
 * Deno sends a request again by itself where a connection that was used before breaks, whatever its method, as long as it
 * has no stream for a body. What must not be sent twice gets a connection of its own, on which Deno does not.
 */
function mayBeSentAgain({ method, body }: ClientRequest): boolean {
  return body !== null || isIdempotent(method);
}

/**
 * Deno sends every stream chunked, whatever Content-Length says, and some servers take no chunked uploads. It believes
 * the size of a Blob, though, and asks it for its stream: so a body of known length goes in a Blob's clothes.
 */
function bodyOf({ body, headers }: ClientRequest): ReadableStream<Uint8Array> | Blob | null {
  if (!body) return null;
  const stream = streamOf(body);
  const length = headers.get("content-length");
  if (length === null) return stream;
  const properties = { size: { value: Number(length) }, stream: { value: () => stream } };
  return Object.defineProperties(new Blob([]), properties);
}

function streamOf(source: BodySource): ReadableStream<Uint8Array> {
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const bytes = await source.read();
    if (bytes === undefined) controller.close();
    else controller.enqueue(bytes);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/**
 * Deno decodes gzip and br but leaves the headers as they were, which would corrupt every such answer. It leaves a body
 * alone only where exactly `identity` was asked for.
 */
function asRawRequest(fields: ReadableFields): Headers {
  const headers = toHeaders(fields);
  headers.set("accept-encoding", "identity");
  return headers;
}

function createHttpClient(tls: ClientTls | undefined, idleTimeoutMs: number): Deno.HttpClient {
  const options = {
    allowHost: true,
    http2: false,
    ...(idleTimeoutMs > 0 ? { poolIdleTimeout: idleTimeoutMs } : { poolMaxIdlePerHost: 0 }),
    ...(tls?.ca !== undefined && { caCerts: [tls.ca] }),
    ...(tls?.cert !== undefined && tls.key !== undefined && { cert: tls.cert, key: tls.key }),
  };
  return withoutProxy(() => Deno.createHttpClient(options));
}
