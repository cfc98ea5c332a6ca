import type { Socket } from "bun";
import type { HostListener, ListenOptions, RequestHandler } from "../listener.ts";
import { FrontConnection } from "./front-connection.ts";
import type { FrontHome } from "./front-connection.ts";
import { idleTicksOf, isOverdue, isStalled, TICK_MS } from "./patience.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** The longest head, bytes; what is allowed of it is for the limits to say. */
const HEAD_CAP_BYTES = 16_384;

/** Opens a listener that speaks HTTP/1.1 in plaintext, over sockets of our own. */
export function listenOverSockets(options: ListenOptions): HostListener {
  return new FrontListener(options);
}

class FrontListener implements HostListener, FrontHome {
  readonly headCapBytes = HEAD_CAP_BYTES;
  readonly hostname: string;
  readonly port: number;
  readonly #listener: Bun.TCPSocketListener<FrontConnection>;
  readonly #connections = new Set<FrontConnection>();
  readonly #idleTicks: number;
  #handle: RequestHandler;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tick = 1;
  #date = "";
  #dateTick = -1;
  #isLeaving = false;
  #whenEmpty: PromiseWithResolvers<void> | undefined;

  constructor({ hostname = "::", port, isShared, idleTimeoutMs, handle }: ListenOptions) {
    this.#handle = handle;
    this.#idleTicks = idleTicksOf(idleTimeoutMs);
    this.#listener = Bun.listen<FrontConnection>({
      hostname,
      port,
      reusePort: isShared,
      socket: {
        open: (socket) => this.#accept(socket),
        data: (socket, bytes) => socket.data.hear(bytes),
        drain: (socket) => socket.data.drain(),
        close: (socket) => socket.data.lose(),
        error: (socket) => socket.data.cut(),
      },
    } as Bun.TCPSocketListenOptions<FrontConnection>);
    this.hostname = this.#listener.hostname;
    this.port = this.#listener.port;
  }

  handle(request: ReceivedRequest, connection: FrontConnection): ReturnType<RequestHandler> {
    return this.#handle(request, connection);
  }

  date(): string {
    if (this.#dateTick !== this.#tick) {
      this.#dateTick = this.#tick;
      this.#date = new Date().toUTCString();
    }
    return this.#date;
  }

  isLeaving(): boolean {
    return this.#isLeaving;
  }

  now(): number {
    return this.#tick;
  }

  left(connection: FrontConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#dateTick = -1;
    this.#whenEmpty?.resolve();
  }

  replaceHandler(handle: RequestHandler): void {
    this.#handle = handle;
  }

  stop(): Promise<void> {
    this.#isLeaving = true;
    this.#listener.stop();
    for (const connection of this.#connections) connection.dismiss();
    if (this.#connections.size === 0) return Promise.resolve();
    this.#whenEmpty ??= Promise.withResolvers();
    return this.#whenEmpty.promise;
  }

  abort(): void {
    this.#isLeaving = true;
    this.#listener.stop();
    for (const connection of this.#connections) connection.cut();
  }

  #accept(socket: Socket<FrontConnection>): void {
    const connection = new FrontConnection(socket, this);
    socket.data = connection;
    socket.setNoDelay(true);
    this.#connections.add(connection);
    this.#timer ??= setInterval(() => this.#look(), TICK_MS);
  }

  #look(): void {
    this.#tick++;
    const clock = { tick: this.#tick, idleTicks: this.#idleTicks };
    for (const connection of this.#connections) {
      if (isOverdue(connection, clock)) connection.cut();
      else if (isStalled(connection, clock)) connection.compact();
    }
  }
}
