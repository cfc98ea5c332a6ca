/** Who stays and says nothing. */
export interface IdlePlan {
  readonly port: number;
  readonly connections: number;
  /** How long all of them stay. */
  readonly seconds: number;
}

/** What came of it. */
export interface IdleReport {
  /** How many were still connected at the end. */
  readonly held: number;
  readonly errors: number;
}

/** So many open at a time, so that no backlog overflows. */
const BATCH = 100;

/** Who has not answered by then does not, ms. */
const PATIENCE_MS = 5000;

/** Opens connections, makes a request on each, and keeps them; no more where some are not answered. */
export async function keepIdle({ port, connections, seconds }: IdlePlan): Promise<IdleReport> {
  const held = new Set<Bun.Socket>();
  let answered = 0;
  for (let begun = 0; begun < connections; begun += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, connections - begun) }, () => ask(port, held));
    const good = (await Promise.all(batch)).filter((isGood) => isGood).length;
    answered += good;
    if (good < batch.length) break; // whoever cannot have so many leaves the others waiting
  }
  await Bun.sleep(seconds * 1000);
  return { held: held.size, errors: connections - answered };
}

/** Whether the first request was answered. */
function ask(port: number, held: Set<Bun.Socket>): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, false);
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open(socket) {
          held.add(socket);
          socket.write(`GET /small HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
        },
        data: (_socket, data) => resolve(data.toString("latin1", 9, 12) === "200"),
        close(socket) {
          held.delete(socket);
          resolve(false);
        },
        connectError: () => resolve(false),
      },
    }).catch(() => resolve(false));
  });
}
