import type { HostListener, RequestHandler } from "../runtime/listener.ts";

/** Listeners that others have taken the place of, or that nobody wants any more, until their last exchange has ended. */
export class LeavingListeners {
  readonly #waiting = new Set<HostListener>();
  readonly #stopping = new Map<HostListener, Promise<void>>();

  /** The ports on which a listener still waits to be stopped. */
  get waitingPorts(): ReadonlySet<number> {
    return new Set([...this.#waiting].map(({ port }) => port));
  }

  /**
   * Keeps a listener accepting until `stopWaiting`, as connections may be under way to it, but asks its clients to come
   * back by another connection.
   */
  wait(listener: HostListener, handle: RequestHandler): void {
    listener.replaceHandler(askToLeave(handle));
    this.#waiting.add(listener);
  }

  /** Stops a listener; its exchanges go on. */
  stop(listener: HostListener): void {
    const ended = listener.stop().finally(() => this.#stopping.delete(listener));
    this.#stopping.set(listener, ended);
  }

  stopWaiting(): void {
    for (const listener of this.#waiting) this.stop(listener);
    this.#waiting.clear();
  }

  /** Resolves when the last exchange of all of them has ended. */
  async ended(): Promise<void> {
    this.stopWaiting();
    await Promise.all(this.#stopping.values());
  }

  /** Cuts whatever is still open. */
  abort(): void {
    for (const listener of [...this.#waiting, ...this.#stopping.keys()]) listener.abort();
  }
}

/**
 * Answers as before, and asks the client to come back by another connection.
 *
 * HTTP/1.1 alone can say so (RFC 9112, section 9.6); runtimes leave it out of HTTP/2.
 */
export function askToLeave(handle: RequestHandler): RequestHandler {
  return async (request, connection) => {
    const response = await handle(request, connection);
    if (response !== undefined && response.status !== 101) response.headers.set("connection", "close");
    return response;
  };
}
