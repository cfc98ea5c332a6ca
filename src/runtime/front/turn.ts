import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { Buffer } from "node:buffer";
import type { ReceivedHead } from "../../http/message/received-head.ts";
import { planAnswer, writeWhole } from "./answer-writer.ts";
import { BodyIntake } from "./body-intake.ts";
import type { Outlet } from "./outlet.ts";
import { ReceivedRequest } from "./received-request.ts";
import { framingOf, isKeptAfter } from "./request-framing.ts";
import { StreamWriter } from "./stream-writer.ts";

/** What an exchange asks of its connection. */
export interface TurnPort {
  readonly outlet: Outlet;
  /** As an answer's Date has it. */
  date(): string;
  /** Whether the connection is no longer kept behind an answer. */
  isLeaving(): boolean;
  pause(): void;
  resume(): void;
  /** Answers that the request cannot be read, and closes. */
  refuse(error: unknown): void;
  cut(): void;
  /** From now on only the client is waited for, to take the rest of the answer. */
  flushing(): void;
  /** The exchange is over; what comes next is another request, or nothing. */
  over(isKept: boolean): void;
}

/** So much of a body that nobody wants is still taken, bytes, so that its client can send on and read the answer. */
const UNWANTED_BYTES = 1024 * 1024;

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");

/** One exchange on a connection: a request whose body may still come, and its answer. */
export class Turn {
  readonly request: ReceivedRequest;
  /** Whether all of its answer was written. */
  isAnswered = false;
  /** Whether all of it is at hand, and waits for the client to take it. */
  isFlushing = false;
  readonly #port: TurnPort;
  readonly #intake: BodyIntake | undefined;
  #stream: StreamWriter | undefined;
  #isKept: boolean;
  #hasBegun = false;
  /** Whether the client may still be waiting to hear that its body is wanted. */
  #isAwaited: boolean;
  #unwantedBytes = 0;

  constructor(head: ReceivedHead, port: TurnPort) {
    this.#port = port;
    const framing = framingOf(head);
    this.#isKept = isKeptAfter(head, framing);
    this.#isAwaited = !head.isVersion10 && head.fields.get("expect")?.toLowerCase() === "100-continue";
    this.#intake = framing === "none" || framing === "doubtful" ? undefined : this.#intakeOf(framing);
    this.request = new ReceivedRequest(head, this.#intake);
  }

  /** Takes what came, and tells how many bytes of it are the body's. */
  hear(bytes: Buffer): number {
    const intake = this.#intake;
    if (!intake || intake.isDone) return 0;
    try {
      const taken = intake.push(bytes);
      if (this.isAnswered) this.#takeUnwanted(taken);
      return taken;
    } catch (error) {
      this.#refuseBody(intake, error);
      return bytes.byteLength;
    }
  }

  /** Sends the answer; without one the connection became something else. */
  answer(answer: OutgoingAnswer | undefined): void {
    if (!answer) return;
    try {
      this.#send(answer);
    } catch {
      this.#port.cut();
    }
  }

  /** The client takes nothing for a while. */
  compact(): void {
    this.#stream?.compact();
  }

  /** The client has left. */
  leave(): void {
    this.#intake?.fail(new Error("Cannot read the body: the client has left"));
    this.request.leave();
    this.#stream?.cancel();
  }

  #intakeOf(framing: "chunked" | number): BodyIntake {
    return new BodyIntake(framing, {
      wanted: () => {
        if (this.#isAwaited && !this.#hasBegun) this.#port.outlet.write(CONTINUE);
        this.#isAwaited = false;
      },
      pause: () => this.#port.pause(),
      resume: () => this.#port.resume(),
    });
  }

  /** Where a body's end is in doubt nothing behind it is read. */
  #refuseBody(intake: BodyIntake, error: unknown): void {
    intake.fail(error instanceof Error ? error : new Error(String(error)));
    if (this.#hasBegun) this.#port.cut();
    else this.#port.refuse(error);
    this.request.leave();
  }

  #send(answer: OutgoingAnswer): void {
    const { request } = this;
    const { outlet } = this.#port;
    const isKept = this.#isKept && !this.#isBodyInDoubt() && !this.#port.isLeaving();
    const plan = planAnswer(answer, { request, date: this.#port.date(), isKept });
    this.#isKept = plan.isKept;
    this.#hasBegun = true;
    if (plan.body === undefined || plan.body instanceof Uint8Array) {
      writeWhole(plan.head, plan.body, outlet);
      return this.#noteTaken(outlet);
    }
    this.#stream = new StreamWriter(plan.body, plan, outlet);
    this.#stream.run().then(
      () => this.#noteAnswered(),
      () => this.#port.cut(),
    );
  }

  /**
   * Whether nobody knows if a body comes: a client that was never told to go on may send it, or leave it and ask for the
   * next thing, which must not be taken for that body.
   */
  #isBodyInDoubt(): boolean {
    return this.#isAwaited && this.#intake?.isDone === false;
  }

  /** What its client has not taken is not over: else answers would pile up for one that asks and asks, and never reads. */
  #noteTaken(outlet: Outlet): void {
    if (outlet.isEmpty) return this.#noteAnswered();
    this.isFlushing = true;
    this.#port.flushing();
    void outlet.empty().then(() => this.#noteAnswered());
  }

  #noteAnswered(): void {
    this.isAnswered = true;
    this.isFlushing = false;
    if (this.#intake?.isDone !== false) return this.#port.over(this.#isKept);
    this.#intake.drop();
    this.#takeUnwanted(0);
  }

  /** A client that is still sending shall be able to read the answer, and may then go on with its next request. */
  #takeUnwanted(bytes: number): void {
    this.#unwantedBytes += bytes;
    if (this.#intake?.isDone) this.#port.over(this.#isKept);
    else if (!this.#isKept || this.#unwantedBytes > UNWANTED_BYTES) this.#port.over(false);
  }
}
