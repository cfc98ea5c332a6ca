import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventQueue } from "../../../../src/data/balance/simulate/event-queue.ts";

test("things come out in the order of their times, whenever they were put in", () => {
  const step = fc.oneof(fc.double({ min: 0, max: 1000, noNaN: true }), fc.constant("pop" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
      const queue = new EventQueue();
      const waiting: number[] = [];
      for (const [at, step] of steps.entries()) {
        if (step === "pop") {
          assert.equal(queue.nextAt, Math.min(Infinity, ...waiting));
          if (waiting.length === 0) continue;
          const earliest = waiting.indexOf(Math.min(...waiting));
          assert.equal(steps[queue.pop()], waiting.splice(earliest, 1)[0]);
        } else {
          queue.push(step, at);
          waiting.push(step);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("it holds more than it was made for", () => {
  const queue = new EventQueue();
  for (let thing = 5000; thing > 0; thing--) queue.push(thing, thing);
  assert.deepEqual(
    Array.from({ length: 5000 }, () => queue.pop()),
    Array.from({ length: 5000 }, (_, at) => at + 1),
  );
});
