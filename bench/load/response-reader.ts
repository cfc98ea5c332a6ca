/** An answer that is over. */
export interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
}

type Step = "head" | "body" | "size" | "chunk" | "trailer";

const HEAD_END = Buffer.from("\r\n\r\n");
const LF = 10;

/** Reads answers off a keep-alive connection, counting their bodies without keeping them. */
export class ResponseReader {
  /** Bytes of the body under way so far. */
  bodyBytes = 0;
  readonly #onAnswer: (answer: Answer) => void;
  #step: Step = "head";
  #status = 0;
  #left = 0;
  #kept: Buffer = Buffer.alloc(0);
  #line = "";

  constructor(onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer;
  }

  /** Takes what came in. Throws where it is no answer that can be read. */
  feed(data: Buffer): void {
    for (let at = 0; at < data.length;) {
      if (this.#step === "head") at = this.#readHead(data, at);
      else if (this.#step === "body" || this.#step === "chunk") at = this.#readBody(data, at);
      else at = this.#readLine(data, at);
    }
  }

  #readHead(data: Buffer, from: number): number {
    const kept = this.#kept.length;
    const head = kept === 0 ? data.subarray(from) : Buffer.concat([this.#kept, data.subarray(from)]);
    const end = head.indexOf(HEAD_END);
    this.#kept = end < 0 ? head : Buffer.alloc(0);
    if (end < 0) return data.length;
    this.#begin(head.toString("latin1", 0, end));
    return from + end + HEAD_END.length - kept;
  }

  #begin(head: string): void {
    this.#status = Number(head.slice(9, 12));
    this.bodyBytes = 0;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    if (length === undefined && !isChunked) throw new Error(`an answer without a length: ${head}`);
    this.#left = Number(length ?? 0);
    this.#step = isChunked ? "size" : "body";
    if (this.#step === "body" && this.#left === 0) this.#finish();
  }

  #readBody(data: Buffer, from: number): number {
    const lineBreak = this.#step === "chunk" ? 2 : 0; // behind a chunk
    const taken = Math.min(this.#left, data.length - from);
    const bodyLeft = Math.max(0, this.#left - lineBreak);
    this.#left -= taken;
    this.bodyBytes += bodyLeft - Math.max(0, this.#left - lineBreak);
    if (this.#left === 0) this.#endPart();
    return from + taken;
  }

  #endPart(): void {
    if (this.#step === "body") this.#finish();
    else this.#step = "size";
  }

  #readLine(data: Buffer, from: number): number {
    const end = data.indexOf(LF, from);
    if (end < 0) {
      this.#line += data.toString("latin1", from);
      return data.length;
    }
    const line = (this.#line + data.toString("latin1", from, end)).trim();
    this.#line = "";
    if (this.#step === "size") this.#beginChunk(Number.parseInt(line, 16));
    else if (line === "") this.#finish();
    return end + 1;
  }

  #beginChunk(size: number): void {
    if (Number.isNaN(size)) throw new Error("a chunk without a size");
    this.#step = size === 0 ? "trailer" : "chunk";
    this.#left = size + 2;
  }

  #finish(): void {
    this.#step = "head";
    this.#onAnswer({ status: this.#status, bodyBytes: this.bodyBytes });
  }
}
