/** Lets a server answer with bytes that are nearly answers: `FUZZ_SECONDS`, `FUZZ_SEED` and `FUZZ_FROM` as in `fuzz.test.ts`. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { eventually } from "../kit/eventually.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { rawRequest } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import { startTcpServer } from "../kit/start-server.ts";
import { ANSWERS, ANSWER_PIECES } from "./fragments.ts";
import { makeText } from "./mutate.ts";
import { readAnswers } from "./read-answers.ts";

const seconds = Number(process.env["FUZZ_SECONDS"] ?? 4);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261122);
const first = Number(process.env["FUZZ_FROM"] ?? 0);
const TOGETHER = 8;

test(
  "Whatever a server answers, the client gets an answer or a cut, and the proxy lives",
  {
    timeout: seconds * 1000 + 25_000,
  },
  async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.on("data", (chunk: Uint8Array) => {
        const number = /^GET \/(\d+)/.exec(Buffer.from(chunk).toString("latin1"))?.[1];
        const text = makeText(seed, Number(number ?? 0), { whole: ANSWERS, pieces: ANSWER_PIECES });
        socket.write(Buffer.from(text, "latin1"), () =>
          Number(number) % 2 === 0 ? socket.destroy() : socket.resetAndDestroy(),
        );
      });
    });
    const plane = await startPlaneFor(t, {
      ...proxyTo([server.url], {
        retry: { attempts: 0 },
        timeouts: { response: "300ms", idle: "300ms" },
        health: { passive: false },
      }),
      compression: true,
      accessLog: { format: "off" },
    });
    const statuses = new Map<number, number>();
    const endsAt = performance.now() + seconds * 1000;
    for (let number = first; performance.now() < endsAt; number += TOGETHER) {
      const numbers = Array.from({ length: TOGETHER }, (_, n) => number + n);
      try {
        for (const status of (await Promise.all(numbers.map((one) => ask(plane.port, one)))).flat())
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        assert.deepEqual(plane.faults, []);
      } catch (error) {
        throw new Error(`FUZZ_SEED=${seed} FUZZ_FROM=${number}: ${String(error)}`, { cause: error });
      }
    }
    await eventually(() => plane.board.exchanges() === 0, 10_000);
    assert.equal(plane.counts().inflight, 0);
    const told = JSON.stringify([...statuses]);
    assert.ok(
      (statuses.get(200) ?? 0) > 20 && (statuses.get(502) ?? 0) > 20,
      `too tame or too wild: ${told}`,
    );
  },
);

async function ask(port: number, number: number): Promise<number[]> {
  const get = `GET /${number} HTTP/1.1\r\nHost: site.test\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
  const statuses = readAnswers(await rawRequest(port, get, { timeoutMs: 5_000 }));
  assert.ok(statuses.length <= 1, `${statuses.length} answers to one request`);
  return statuses;
}
