import type { IncomingFields, IncomingRequest } from "../../http/incoming-request.ts";
import { Buffer } from "node:buffer";
import type { ReceivedHead } from "../../http/message/received-head.ts";
import type { BodyIntake } from "./body-intake.ts";

/** A request off a connection of ours: what costs something is made when it is asked for. */
export class ReceivedRequest implements IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingFields;
  readonly isVersion10: boolean;
  readonly #intake: BodyIntake | undefined;
  #cut: AbortController | undefined;
  #hasLeft = false;

  constructor({ method, target, fields, isVersion10 }: ReceivedHead, intake: BodyIntake | undefined) {
    this.method = method;
    this.headers = fields;
    this.isVersion10 = isVersion10;
    this.url = urlOf(target, fields.get("host"));
    this.#intake = intake;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#intake?.stream ?? null;
  }

  get signal(): AbortSignal {
    if (!this.#cut) {
      this.#cut = new AbortController();
      if (this.#hasLeft) this.#cut.abort();
    }
    return this.#cut.signal;
  }

  /** For its connection only: the client has left. */
  leave(): void {
    this.#hasLeft = true;
    this.#cut?.abort();
  }
}

/** As the runtimes spell it: no URL at all where the target is none, or nobody says for which host it is. */
function urlOf(target: string, host: string | null): string {
  const text = beyondAscii.test(target) ? readUtf8(target) : target;
  if (host === null) return "";
  return text.startsWith("/") ? `http://${host}${text}` : text;
}

const beyondAscii = /[\x80-\xff]/;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Octets that are no UTF-8 have no meaning in a target: it is none. */
function readUtf8(target: string): string {
  try {
    return strict.decode(Buffer.from(target, "latin1"));
  } catch {
    return "";
  }
}
