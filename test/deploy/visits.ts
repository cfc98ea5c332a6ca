import { connect, type Socket } from "node:net";
import process from "node:process";

import { pause } from "../kit/eventually.ts";
import { takeBody, takeHead, type Talk, talkOver } from "../kit/talk.ts";

/** One request of a visitor, and what came of it. */
export interface Visit {
  readonly visitor: number;
  /** Instants in ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Which node answered. */
  readonly node?: string;
  /** Which server did. */
  readonly server?: string;
  /** Absent where it was answered with 200. */
  readonly failure?: string;
}

const timeoutMs = 5_000;

/**
 * Visits a page again and again with one connection and one jar of cookies, as a browser does: a connection that the
 * other end has closed before is replaced, but what was sent and not answered has failed. Nothing is tried again.
 */
export async function visit(visitor: number, host: string, isOver: () => boolean): Promise<Visit[]> {
  const visits: Visit[] = [];
  const browser = new Browser(host);
  while (!isOver()) {
    const startedAt = Date.now();
    const outcome = await browser.get().catch((error: unknown) => ({ failure: String(error) }));
    visits.push({ visitor, startedAt, endedAt: Date.now(), ...outcome });
    await pause(20);
  }
  browser.close();
  return visits;
}

class Browser {
  readonly #host: string;
  #cookie = "";
  #talk: Talk | undefined;

  constructor(host: string) {
    this.#host = host;
  }

  async get(): Promise<Pick<Visit, "node" | "server" | "failure">> {
    const timer = setTimeout(() => this.#talk?.socket.destroy(), timeoutMs);
    try {
      return await this.#ask();
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#talk?.socket.destroy();
    this.#talk = undefined;
  }

  async #ask(): Promise<Pick<Visit, "node" | "server" | "failure">> {
    const talk = await this.#connected();
    await talk.write(`GET / HTTP/1.1\r\nHost: site.test\r\n${this.#cookie}\r\n`);
    const head = await takeHead(talk);
    const server = await takeBody(talk, head);
    const cookie = head.get("set-cookie")?.split(";", 1)[0];
    if (cookie !== undefined) this.#cookie = `Cookie: ${cookie}\r\n`;
    if (head.get("connection") === "close") this.close();
    const failure = head.start.includes(" 200 ") ? {} : { failure: head.start };
    return { node: head.get("x-node") ?? "", server, ...failure };
  }

  async #connected(): Promise<Talk> {
    if (this.#talk?.isClosed() === false) return this.#talk;
    const socket = await dial(this.#host);
    this.#talk = talkOver(socket);
    return this.#talk;
  }
}

function dial(host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 80 });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error("no connection in time")));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

/** As a program: `visits.ts HOST VISITORS` visits until its stdin ends, and prints all visits as JSON. */
if (import.meta.main) {
  const [host = "", visitors = "1"] = process.argv.slice(2);
  let isOver = false;
  process.stdin.resume();
  process.stdin.once("end", () => {
    isOver = true;
  });
  const all = Array.from({ length: Number(visitors) }, (_, visitor) => visit(visitor, host, () => isOver));
  process.stdout.write(JSON.stringify((await Promise.all(all)).flat()), () => process.exit(0));
}
