import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isIdempotent, passedMethods } from "../../src/http/methods.ts";
import { pause } from "../kit/eventually.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask, askMany } from "./ask.ts";
import type { Question } from "./ask.ts";
import { closeAfter, hang, ok, resetAfter, startCounting, status } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";

/** Bodies in every framing: none, announced as empty, small, longer than is kept for a retry, and chunked. */
const bodies: readonly (readonly [what: string, question: Question])[] = [
  ["without a body", {}],
  ["with an empty body", { body: "" }],
  ["with a small body", { body: "small" }],
  ["with a long body", { body: "x".repeat(100_000) }],
  ["with a chunked body", { fields: { "transfer-encoding": "chunked" }, rawBody: "5\r\nsmall\r\n0\r\n\r\n" }],
];

async function startTwo(
  t: Teardown,
  reply: Reply,
): Promise<{ plane: TestPlane; times: (id: string) => number; servers: CountingServer[] }> {
  const servers = [await startCounting(t, reply), await startCounting(t, reply)];
  const plane = await startPlaneFor(
    t,
    proxyTo(
      servers.map(({ url }) => url),
      {
        health: { passive: "off" },
        retry: { backoff: "0s", budget: "100%" },
        timeouts: { response: "150ms", connect: "100ms" },
      },
    ),
  );
  const times = (id: string): number => servers.reduce((sum, server) => sum + server.times(id), 0);
  return { plane, times, servers };
}

/** Answers what comes first on a connection; what comes later is read, and then the connection closes in silence. */
const closesWhenReused: Reply = (talk, request) =>
  (request.place === 0 ? ok() : closeAfter(""))(talk, request);

const resetsWhenReused: Reply = (talk, request) => (request.place === 0 ? ok()(talk, request) : talk.reset());

const faults: readonly (readonly [what: string, reply: Reply])[] = [
  ["a reset before the headers", resetAfter("")],
  ["a close before the headers", closeAfter("")],
  ["a reset in the headers", resetAfter("HTTP/1.1 200 OK\r\ncon")],
  ["a timeout", hang],
  ["503", status(503)],
];

describe("a request that must not be sent twice", () => {
  for (const [what, reply] of faults) {
    test(`is seen once on ${what}`, async (t) => {
      const { plane, times } = await startTwo(t, reply);
      for (const method of ["POST", "PATCH"]) {
        for (const [which, question] of bodies) {
          const id = `${method} ${which}`;
          const answer = await ask(plane.port, {
            ...question,
            method,
            fields: { ...question.fields, "x-id": id },
          });
          assert.ok(answer.status >= 500, `${id}: ${answer.status}`);
          assert.equal(times(id), 1, id);
        }
      }
    });
  }

  for (const [what, reply] of [
    ["closes", closesWhenReused],
    ["resets", resetsWhenReused],
  ] as const) {
    test(`is seen once where the server ${what} a connection that is used again`, async (t) => {
      const { plane, times, servers } = await startTwo(t, reply);
      for (const method of passedMethods.filter((name) => !isIdempotent(name))) {
        for (const [which, question] of bodies) {
          for (let turn = 0; turn < 6; turn++) {
            const id = `${method} ${which} ${turn}`;
            await ask(plane.port, { ...question, method, fields: { ...question.fields, "x-id": id } });
            assert.ok(times(id) <= 1, `${id}: seen ${times(id)} times`);
          }
        }
      }
      assert.ok(servers.some(({ seen }) => seen.length > 0));
    });
  }

  test("is seen once where the server closes idle connections just then", async (t) => {
    const closesSoon: Reply = async (talk, request) => {
      await ok()(talk, request);
      await pause(Number(request.id) % 4);
      talk.end();
    };
    const { plane, times } = await startTwo(t, closesSoon);
    const count = 400;
    const questions = Array.from({ length: count }, (_, at): Question => {
      const question = bodies[at % bodies.length]?.[1];
      const method = at % 2 === 0 ? "POST" : "PATCH";
      return { ...question, method, fields: { ...question?.fields, "x-id": String(at) } };
    });
    const answers = await askMany(t, plane.port, { connections: 4, questions: questions.values() });
    assert.equal(answers.length, count);
    const failed = answers.filter((answer) => answer.status !== 200).length;
    assert.ok(failed <= 8, `${failed} failed`); // one is what it takes to learn, for each connection and server
    for (let at = 0; at < count; at++)
      assert.ok(times(String(at)) <= 1, `request ${at}: ${times(String(at))} times`);
  });

  test("may be idempotent instead: then each server sees it twice at the most, by the runtime's own doing", async (t) => {
    const { plane, servers } = await startTwo(t, closesWhenReused);
    for (const method of ["PUT", "DELETE", "GET", "HEAD"]) {
      for (let turn = 0; turn < 8; turn++) {
        const id = `${method} ${turn}`;
        await ask(plane.port, { method, fields: { "x-id": id } });
        for (const server of servers)
          assert.ok(server.times(id) <= 2, `${id}: seen ${server.times(id)} times`);
      }
    }
  });
});
