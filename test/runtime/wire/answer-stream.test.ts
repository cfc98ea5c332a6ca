import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { ResponseReader } from "../../../src/http/message/response-reader.ts";
import { AnswerStream } from "../../../src/runtime/wire/answer-stream.ts";

/** A body of a million bytes whose head has come, and what its stream asks of the connection. */
function startBody(): { push: (bytes: number) => void; stream: AnswerStream; asked: string[] } {
  const asked: string[] = [];
  const reader = new ResponseReader("GET");
  const flow = { pause: () => void asked.push("pause"), resume: () => void asked.push("resume") };
  const stream = new AnswerStream(reader, flow);
  reader.push(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"));
  const push = (bytes: number): void => {
    reader.push(Buffer.alloc(bytes));
    stream.look();
  };
  return { push, stream, asked };
}

describe("a body that streams", () => {
  test("lets short pieces come while nobody asks", () => {
    const { push, asked } = startBody();
    push(1000);
    push(1000);
    assert.deepEqual(asked, []);
  });

  test("stops the server when enough is there that nobody took", () => {
    const { push, asked } = startBody();
    push(40_000);
    push(40_000);
    assert.deepEqual(asked, ["pause"]);
  });

  test("stops the server when a long piece was handed on, and goes on only when more is asked for", async () => {
    const { push, stream, asked } = startBody();
    const first = stream.read();
    push(500_000);
    assert.equal((await first)?.byteLength, 500_000);
    assert.deepEqual(asked, ["resume", "pause"]);
    const second = stream.read();
    assert.deepEqual(asked, ["resume", "pause", "resume"]);
    push(500_000);
    assert.equal((await second)?.byteLength, 500_000);
    assert.equal(await stream.read(), undefined);
    assert.deepEqual(asked, ["resume", "pause", "resume"]);
  });

  test("does not go on for what is at hand already", async () => {
    const { push, stream, asked } = startBody();
    push(70_000);
    assert.equal((await stream.read())?.byteLength, 70_000);
    assert.deepEqual(asked, ["pause"]);
  });
});
