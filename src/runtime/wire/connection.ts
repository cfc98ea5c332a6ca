import type { Socket } from "bun";
import { Buffer } from "node:buffer";
import { connectFault, isCertificateError, lossFault } from "./socket-faults.ts";
import { RequestFault } from "../request-fault.ts";

/** Where a connection goes. */
export interface WireAddress {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Undefined for plaintext. */
  readonly tls: Bun.TLSOptions | undefined;
}

/** Whoever uses a connection hears what happens on it. */
export interface ConnectionUser {
  /** It can be written to. */
  opened(): void;
  heard(bytes: Buffer): void;
  /** What `write` kept is on its way. */
  drained(): void;
  /** It is over, for good; undefined where the server closed it in order. */
  lost(why: RequestFault | undefined): void;
}

/** Where a connection rests between two requests. */
export interface ConnectionHome {
  /** Something happened on a connection that rests, which thereby is over. */
  leave(connection: Connection): void;
}

/** What became of bytes that were written: all of them are on their way, some wait for `drained`, or none were sent. */
export type Written = "sent" | "kept" | "unsent";

/** Where texts become bytes: what the system takes at once needs no memory of its own. */
const desk = Buffer.allocUnsafeSlow(16_384);

/** One TCP or TLS connection to a server. */
export class Connection {
  /** Whether it has carried a request before. */
  isReused = false;
  /** When it was put aside, in ticks of its pool. */
  idleSince = 0;
  readonly #home: ConnectionHome;
  #tls: Bun.TLSOptions | undefined;
  #user: ConnectionUser | undefined;
  #socket: Socket<Connection> | undefined;
  #unsent: Uint8Array | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #isOver = false;
  #hasEnded = false;
  #isPaused = false;

  constructor(home: ConnectionHome, user: ConnectionUser) {
    this.#home = home;
    this.#user = user;
  }

  /** Whether some of what was written is not on its way yet. */
  get hasUnsent(): boolean {
    return this.#unsent !== undefined;
  }

  /** Connects; a server that has not accepted, and shaken hands, within `connectMs` is given up. */
  open({ hostname, port, tls }: WireAddress, connectMs: number): void {
    this.#tls = tls;
    if (connectMs < Infinity) this.#timer = setTimeout(() => this.#giveUp(), connectMs);
    const socket = tls ? tlsEvents : events;
    // Mostly `connectError` has told it; certificates that cannot be read throw at once.
    Promise.try(() =>
      Bun.connect<Connection>({ hostname, port, ...(tls && { tls }), socket, data: this }),
    ).catch((error: unknown) => this.fail(error));
  }

  /** Hands it to its next user. */
  use(user: ConnectionUser): void {
    this.#user = user;
    this.#socket?.ref();
  }

  /** Puts it aside, listening. A connection that rests keeps no process alive. */
  rest(): void {
    this.isReused = true;
    this.#user = undefined;
    this.resume();
    this.#socket?.unref();
  }

  /** Only after `opened`, and not before `drained` where bytes were kept. */
  write(bytes: Uint8Array): Written {
    const count = this.#isOver ? -1 : (this.#socket?.write(bytes) ?? -1);
    if (count < 0) return "unsent";
    if (count === bytes.byteLength) return "sent";
    this.#unsent = bytes.subarray(count);
    return "kept";
  }

  /** The same for a text each of whose characters stands for a byte. */
  writeText(text: string): Written {
    if (text.length > desk.byteLength) return this.write(Buffer.from(text, "latin1"));
    const length = desk.write(text, "latin1");
    const count = this.#isOver ? -1 : (this.#socket?.write(desk, 0, length) ?? -1);
    if (count < 0) return "unsent";
    if (count === length) return "sent";
    this.#unsent = Uint8Array.prototype.slice.call(desk, count, length);
    return "kept";
  }

  /** What was read off the socket already may be told all the same: over TLS, several pieces come in one go. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Closes it in order, with nothing under way; its user hears nothing any more. */
  close(): void {
    this.#leave();
    this.#socket?.end();
  }

  /** Resets it, whatever is under way; its user hears nothing any more. */
  cut(): void {
    this.#leave();
    this.#socket?.terminate();
  }

  /** For the socket's events only. */
  takeSocket(socket: Socket<Connection>): void {
    if (this.#isOver) return socket.terminate();
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  /** For the socket's events only. */
  start(): void {
    clearTimeout(this.#timer);
    this.#isOpen = true;
    if (!this.#isOver) this.#user?.opened();
  }

  /** For the socket's events only: TLS was agreed on, or was not. Bun judges a certificate even where nobody shall. */
  shake(isTrusted: boolean, error: Error | null): void {
    if (isTrusted || (this.#tls?.rejectUnauthorized === false && isCertificateError(error))) this.start();
    else this.fail(error);
  }

  /** For the socket's events only. What a server says that was asked nothing ends the connection. */
  hear(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#user) this.#user.heard(bytes);
    else this.cut();
  }

  /** For the socket's events only. */
  drain(): void {
    const unsent = this.#unsent;
    if (this.#isOver || unsent === undefined) return;
    this.#unsent = undefined;
    if (this.write(unsent) === "sent") this.#user?.drained();
  }

  /** For the socket's events only: the server will send nothing more. */
  noteEnd(): void {
    this.#hasEnded = true;
  }

  /** For the socket's events only. */
  lose(error: unknown): void {
    if (!this.#isOpen) this.fail(error);
    else this.#lose(error === undefined && this.#hasEnded ? undefined : lossFault(error));
  }

  /** For the socket's events only. */
  fail(error: unknown): void {
    this.#lose(connectFault(error, this.#tls !== undefined));
  }

  #giveUp(): void {
    const why = new RequestFault("connect-timeout", "Cannot connect: the server does not accept in time");
    this.#lose(why);
    this.#socket?.terminate();
  }

  #lose(why: RequestFault | undefined): void {
    const user = this.#user;
    if (this.#isOver) return;
    this.#leave();
    user?.lost(why);
  }

  #leave(): void {
    if (!this.#user && !this.#isOver) this.#home.leave(this);
    this.#isOver = true;
    this.#user = undefined;
    this.#unsent = undefined;
    clearTimeout(this.#timer);
  }
}

const events = {
  open(socket: Socket<Connection>): void {
    socket.data.takeSocket(socket);
    socket.data.start();
  },
  data: (socket: Socket<Connection>, bytes: Buffer) => socket.data.hear(bytes),
  drain: (socket: Socket<Connection>) => socket.data.drain(),
  end: (socket: Socket<Connection>) => socket.data.noteEnd(),
  error: (socket: Socket<Connection>, error: Error) => socket.data.lose(error),
  close: (socket: Socket<Connection>, error?: Error) => socket.data.lose(error),
  connectError: (socket: Socket<Connection>, error: Error) => socket.data.fail(error),
};

/** A connection over TLS is open when both ends have proved who they are. */
const tlsEvents = {
  ...events,
  open: (socket: Socket<Connection>) => socket.data.takeSocket(socket),
  handshake: (socket: Socket<Connection>, isTrusted: boolean, error: Error | null) =>
    socket.data.shake(isTrusted, error),
};
