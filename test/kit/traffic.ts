import { Agent, request } from "node:http";
import { pause } from "./eventually.ts";
import type { Teardown } from "./teardown.ts";

/** What became of requests, by status; 0 = no answer. */
export type Tally = Map<number, number>;

/** Whom requests go to, and with which header fields. */
export interface Target {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client that keeps its connections until the test ends. */
export function createVisitor(t: Teardown): (target: Target) => Promise<number> {
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  return ({ url, headers = {} }) =>
    new Promise((resolve) => {
      const asked = request(url, { agent, headers }, (answer) => {
        answer.resume();
        answer.once("end", () => resolve(answer.statusCode ?? 0));
        answer.once("error", () => resolve(0));
      });
      asked.once("error", () => resolve(0));
      asked.end();
    });
}

/** So many requests a second at an instant of the test, seconds. */
export type Pace = (atSeconds: number) => number;

/** Sends requests at a pace for a while, whether or not they are answered, and gives what became of them. */
export async function sendAtPace(
  t: Teardown,
  { target, pace, seconds }: { target: Target; pace: Pace; seconds: number },
): Promise<Tally> {
  const visit = createVisitor(t);
  const tally: Tally = new Map();
  const visits: Promise<void>[] = [];
  const startedMs = performance.now();
  let [owed, lastSeconds] = [0, 0];
  while (lastSeconds < seconds) {
    await pause(10);
    const nowSeconds = Math.min(seconds, (performance.now() - startedMs) / 1000);
    owed += pace(nowSeconds) * (nowSeconds - lastSeconds);
    lastSeconds = nowSeconds;
    for (; owed >= 1; owed--) visits.push(visit(target).then((status) => count(tally, status)));
  }
  await Promise.all(visits);
  return tally;
}

/** Lets visitors come one after the other, each again as soon as it was answered, until `until` is settled. */
export async function keepBusy(
  t: Teardown,
  { targets, until }: { targets: readonly Target[]; until: Promise<unknown> },
): Promise<{ readonly tally: Tally; readonly slowestMs: number }> {
  const visit = createVisitor(t);
  const tally: Tally = new Map();
  const state = { isOver: false };
  let slowestMs = 0;
  const stop = (): void => void (state.isOver = true);
  void until.then(stop, stop);
  async function comeAgain(target: Target): Promise<void> {
    while (!state.isOver) {
      const startedMs = performance.now();
      count(tally, await visit(target));
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
  }
  await Promise.all([...targets.map(comeAgain), until]);
  return { tally, slowestMs };
}

function count(tally: Tally, status: number): void {
  tally.set(status, (tally.get(status) ?? 0) + 1);
}
