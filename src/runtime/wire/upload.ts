import { encodeChunk, lastChunk } from "../../http/message/chunked-encoder.ts";
import type { RequestFraming } from "../../http/message/request-head.ts";
import type { BodySource } from "../client.ts";
import type { Connection } from "./connection.ts";
import { RequestFault } from "../request-fault.ts";

/** A request's body on its way to a server: the next bytes are asked for when the system has taken the last. */
export class Upload {
  /** Whether the server has all of it. */
  isDone = false;
  readonly #connection: Connection;
  readonly #framing: RequestFraming;
  #isStopped = false;
  #sentBytes = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(connection: Connection, framing: RequestFraming) {
    this.#connection = connection;
    this.#framing = framing;
  }

  /** Sends all of it, after what was kept of the head. Rejects where it cannot be sent as it was announced. */
  async run(source: BodySource, isHeadKept: boolean): Promise<void> {
    if (isHeadKept) await this.#untilDrained();
    while (!this.#isComplete()) {
      const bytes = await source.read();
      if (this.#isStopped) return;
      if (bytes === undefined) return this.#end();
      await this.#send(bytes);
    }
    this.isDone = true;
  }

  /** The system has taken what was kept. */
  drained(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Nobody wants the rest. */
  stop(): void {
    this.#isStopped = true;
    this.drained();
  }

  /** A body of known length is over with its last byte: that nothing follows is not waited for. */
  #isComplete(): boolean {
    return this.#isStopped || this.#sentBytes === this.#framing;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#sentBytes += bytes.byteLength;
    if (this.#framing === "chunked") return this.#write(encodeChunk(bytes));
    if (this.#sentBytes > Number(this.#framing))
      throw new RequestFault("aborted", "Cannot send the body: it is too long");
    return this.#write(bytes);
  }

  async #end(): Promise<void> {
    if (this.#framing !== "chunked")
      throw new RequestFault("aborted", "Cannot send the body: it is too short");
    await this.#write(lastChunk);
    this.isDone = !this.#isStopped;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (!this.#isStopped && this.#connection.write(bytes) === "kept") await this.#untilDrained();
  }

  #untilDrained(): Promise<void> {
    this.#drained = Promise.withResolvers();
    return this.#drained.promise;
  }
}
