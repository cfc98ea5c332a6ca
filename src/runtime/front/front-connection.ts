import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { Buffer } from "node:buffer";
import { MalformedRequest } from "../../http/message/received-head.ts";
import type { ReceivedHead } from "../../http/message/received-head.ts";
import { reasonPhrase } from "../../http/reason-phrases.ts";
import { HeadIntake } from "./head-intake.ts";
import { Outlet } from "./outlet.ts";
import type { OutSocket } from "./outlet.ts";
import type { Waiting } from "./patience.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { Turn } from "./turn.ts";
import type { TurnPort } from "./turn.ts";

/** As much of a socket as a connection needs. */
export interface FrontSocketCalls extends OutSocket {
  readonly remoteAddress: string | undefined;
  pause(): unknown;
  resume(): unknown;
  /** Tells the other end that nothing more comes; what that says is still heard. */
  shutdown(): unknown;
  /** Closes it: what was written still goes out, but who sends on is reset, and may never read it. */
  end(): unknown;
  /** Resets it. */
  terminate(): unknown;
}

/** What a connection asks of the listener that accepted it. */
export interface FrontHome {
  /** The longest head that is taken, bytes. */
  readonly headCapBytes: number;
  handle(
    request: ReceivedRequest,
    connection: FrontConnection,
  ): OutgoingAnswer | undefined | Promise<OutgoingAnswer | undefined>;
  /** As an answer's Date has it. */
  date(): string;
  /** Whether connections are no longer kept behind an answer. */
  isLeaving(): boolean;
  /** In ticks of its own, from 1 on. */
  now(): number;
  left(connection: FrontConnection): void;
}

/** Who takes over a connection that speaks another protocol from now on. */
export interface Successor {
  hear(bytes: Buffer): void;
  lost(): void;
}

/** One connection of a client's: requests come in, one after the other, and their answers go out in that order. */
export class FrontConnection implements TurnPort, Waiting {
  /** The address at the other end; "" where nobody is there any more. */
  readonly peer: string;
  readonly outlet: Outlet;
  movedAt: number;
  takenAt: number;
  headSince: number;
  endSince = 0;
  readonly #home: FrontHome;
  readonly #socket: FrontSocketCalls;
  readonly #heads: HeadIntake;
  #turn: Turn | undefined;
  #successor: Successor | undefined;
  #isReading = false;
  #isPaused = false;
  #isOver = false;

  constructor(socket: FrontSocketCalls, home: FrontHome) {
    this.#socket = socket;
    this.#home = home;
    this.peer = socket.remoteAddress ?? "";
    this.movedAt = home.now();
    this.takenAt = this.movedAt;
    this.headSince = this.movedAt;
    this.outlet = new Outlet(socket);
    this.#heads = new HeadIntake(home.headCapBytes);
  }

  get isIdle(): boolean {
    return this.#turn?.isAnswered !== false && this.#successor === undefined;
  }

  get isFlushing(): boolean {
    return this.#turn?.isFlushing === true;
  }

  /** For the socket's events only. */
  hear(bytes: Buffer): void {
    this.movedAt = this.#home.now();
    if (this.#isOver || this.endSince > 0) return;
    if (this.peer === "") return this.cut();
    if (this.#successor) return this.#successor.hear(bytes);
    if (this.#turn) return this.#hearMore(bytes, this.#turn);
    this.#heads.push(bytes);
    this.#readRequests();
  }

  /** For the socket's events only: the system takes bytes again. */
  drain(): void {
    this.movedAt = this.#home.now();
    this.takenAt = this.movedAt;
    this.outlet.drain();
    if (this.endSince > 0 && this.outlet.isEmpty) this.#socket.shutdown();
  }

  /** For the socket's events only: it is over. */
  lose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#home.left(this);
    this.#successor?.lost();
    this.#turn?.leave();
    this.outlet.close();
  }

  /** Hands it to somebody who speaks another protocol; gives what has come already, undefined where it is over. */
  hand(successor: Successor, head: string): Buffer | undefined {
    if (this.#isOver) return undefined;
    this.outlet.write(Buffer.from(head, "latin1"));
    this.#successor = successor;
    this.#turn = undefined;
    this.resume();
    return this.#heads.takeRest() ?? Buffer.alloc(0);
  }

  date(): string {
    return this.#home.date();
  }

  isLeaving(): boolean {
    return this.#home.isLeaving();
  }

  pause(): void {
    if (this.#isPaused || this.#isOver) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Closes it in order, once what was written is on its way. */
  end(): void {
    if (this.#isOver || this.endSince > 0) return;
    this.endSince = this.#home.now();
    this.resume();
    if (this.outlet.isEmpty) this.#socket.shutdown();
  }

  /** Its listener closes: it goes at once where it is at rest. */
  dismiss(): void {
    if (!this.isIdle || this.endSince > 0) return;
    const isAtRest = this.#turn === undefined;
    this.end();
    if (isAtRest) this.cut();
  }

  /** Its client takes nothing for a while: what waits for it shall not hold more memory than it must. */
  compact(): void {
    this.#turn?.compact();
  }

  /** Resets it, whatever is under way; behind a goodbye what was written still goes out. */
  cut(): void {
    if (this.#isOver) return;
    if (this.endSince > 0 && this.outlet.isEmpty) this.#socket.end();
    else this.#socket.terminate();
    this.lose();
  }

  /** Nothing behind a request that cannot be read is read. */
  refuse(error: unknown): void {
    const status = error instanceof MalformedRequest ? error.status : 400;
    const head = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${this.date()}\r\n`;
    this.outlet.write(Buffer.from(`${head}Content-Length: 0\r\nConnection: close\r\n\r\n`));
    this.end();
  }

  flushing(): void {
    this.takenAt = this.#home.now();
  }

  over(isKept: boolean): void {
    if (!isKept || this.isLeaving()) return this.end();
    this.#turn = undefined;
    this.resume();
    this.#readRequests();
  }

  /**
   * What comes during an exchange is its body; further requests wait until it is answered. Few of them are taken in
   * meanwhile: on a connection that is not read nobody would notice that its client has left.
   */
  #hearMore(bytes: Buffer, turn: Turn): void {
    const taken = turn.hear(bytes);
    if (taken === bytes.byteLength) return;
    this.#heads.push(bytes.subarray(taken));
    if (this.#turn !== turn) this.#readRequests();
    else if (this.#heads.unreadBytes > this.#home.headCapBytes) this.pause();
  }

  /** An exchange that is over at once comes back here: then the loop goes on. */
  #readRequests(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    while (!this.#isOver && this.endSince === 0 && this.#turn === undefined && this.#heads.hasBytes) {
      const head = this.#readHead();
      if (!head) break;
      this.#begin(head);
    }
    this.#isReading = false;
  }

  #readHead(): ReceivedHead | undefined {
    try {
      const head = this.#heads.next();
      if (head) this.headSince = 0;
      else if (this.headSince === 0) this.headSince = this.#home.now();
      return head;
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  #begin(head: ReceivedHead): void {
    const turn = new Turn(head, this);
    this.#turn = turn;
    const rest = this.#heads.takeRest();
    if (rest) this.#hearMore(rest, turn);
    if (this.endSince > 0) return; // its body is refused
    const answer = this.#home.handle(turn.request, this);
    if (answer instanceof Promise)
      answer.then(
        (late) => this.#answer(turn, late),
        () => this.cut(),
      );
    else this.#answer(turn, answer);
  }

  #answer(turn: Turn, answer: OutgoingAnswer | undefined): void {
    if (!this.#isOver && this.endSince === 0) return turn.answer(answer);
    if (answer?.body instanceof ReadableStream) answer.body.cancel().catch(() => {}); // nobody is left who could read it
  }
}
