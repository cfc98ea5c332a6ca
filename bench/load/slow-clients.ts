import { clientAddress } from "./client-address.ts";
import type { SlowPlan, SlowReport } from "./slow-plan.ts";

/** What a slow client sends at once, and what it sends then, every second. */
interface Manner {
  readonly path: string;
  readonly head: string;
  readonly drip: string;
  readonly isReading: boolean;
}

/** Heads that never end, bodies that never end, and readers that stop at the first byte. */
const MANNERS: readonly Manner[] = [
  { path: "GET /small", head: "", drip: "X-More: x\r\n", isReading: true },
  { path: "POST /upload", head: "Content-Length: 1000000\r\n\r\n", drip: "x", isReading: true },
  { path: "GET /100m", head: "\r\n", drip: "", isReading: false },
];

const DRIP_EVERY_MS = 1000;

/** The clients come one after the other over this time, ms. */
const ARRIVE_WITHIN_MS = 1000;

const PATIENCE_MS = 50;

/** Keeps slow clients on a port for some time, and says what came of it. */
export async function keepSlowClients(plan: SlowPlan): Promise<SlowReport> {
  const crowd = new Crowd(plan);
  const arriveEveryMs = ARRIVE_WITHIN_MS / (plan.each * MANNERS.length);
  const untilMs = performance.now() + plan.seconds * 1000;
  for (let begun = 0; begun < plan.each * MANNERS.length; begun++) {
    void crowd.open(MANNERS[begun % MANNERS.length] as Manner);
    await Bun.sleep(arriveEveryMs);
  }
  while (performance.now() < untilMs) {
    crowd.look();
    await Bun.sleep(PATIENCE_MS);
  }
  return crowd.end();
}

class Crowd {
  readonly #plan: SlowPlan;
  readonly #sockets = new Set<Bun.Socket>();
  #opened = 0;
  #cut = 0;
  #looks = 0;
  #seen = 0;
  #isOver = false;

  constructor(plan: SlowPlan) {
    this.#plan = plan;
  }

  async open(manner: Manner): Promise<void> {
    const client = clientAddress(this.#plan.clients, this.#opened++);
    let timer: Timer | undefined;
    await Bun.connect({
      hostname: "127.0.0.1",
      port: this.#plan.port,
      socket: {
        open: (opened) => {
          this.#sockets.add(opened);
          if (!manner.isReading) opened.pause();
          opened.write(headOf(manner, client));
          if (manner.drip !== "") timer = setInterval(() => opened.write(manner.drip), DRIP_EVERY_MS);
        },
        data: (answered) => void (manner.isReading && answered.terminate()),
        close: (closed) => {
          clearInterval(timer);
          this.#replace(closed, manner);
        },
      },
    });
  }

  /** Counts who is connected. */
  look(): void {
    this.#looks++;
    this.#seen += this.#sockets.size;
  }

  end(): SlowReport {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.terminate();
    return { held: this.#seen / this.#looks, opened: this.#opened, cut: this.#cut };
  }

  #replace(closed: Bun.Socket, manner: Manner): void {
    this.#sockets.delete(closed);
    if (this.#isOver) return;
    this.#cut++;
    setTimeout(() => void this.open(manner), PATIENCE_MS);
  }
}

function headOf({ path, head }: Manner, client: string): string {
  return `${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: ${client}\r\n${head}`;
}
