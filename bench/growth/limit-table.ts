import { createBoard, openBoard } from "../../src/board/board.ts";
import { RateLaw } from "../../src/board/rates.ts";
import type { Curve, Point } from "./curve.ts";

const COUNTS = [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
const TAKES = 1_000_000;

/** So many clients the table has room for: the default of `limits`. */
const ROOM = 131_072;

/** What one look at the table of rates costs, by how many clients come in turn; nothing of a client is kept but there. */
export function measureLimitTable(): Curve {
  return {
    name: "limit-clients",
    summary: "One rate limit looked up, by the number of clients that come in turn",
    unit: "ns",
    points: COUNTS.map(measure),
  };
}

function measure(count: number): Point {
  const board = openBoard(createBoard({ capacity: 16, workers: 1, clients: ROOM }, [17, 42]), 0);
  const law = new RateLaw(1, { burst: 100, count: 100, perMs: 1000 });
  const nowMs = Date.UTC(2026, 0, 1);
  for (let n = 0; n < Math.min(count, 2 * ROOM); n++) board.takeRate(law, addressOf(n), nowMs);
  const keys = Array.from({ length: 4096 }, () => addressOf(Math.floor(Math.random() * count)));
  const began = performance.now();
  for (let take = 0; take < TAKES; take++) {
    // Taken from the whole range in strides, so that no cache holds them all.
    board.takeRate(law, keys[take & 4095] as string, nowMs + take);
  }
  return { count, cost: ((performance.now() - began) * 1e6) / TAKES };
}

function addressOf(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}
