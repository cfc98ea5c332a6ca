import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BatchWriter } from "../../../src/data/log/batch-writer.ts";
import type { AppendFile } from "../../../src/runtime/append-file.ts";
import type { Time } from "../../../src/runtime/host.ts";

/** A file that takes a batch when it is told to, and a clock whose timers run when they are told to. */
function setUp() {
  const files: { batches: string[]; isClosed: boolean }[] = [];
  const waiting: ((fault?: string) => void)[] = [];
  const lost: string[] = [];
  const timers = new Set<() => void>();
  const time: Time = {
    now: () => 0,
    monotonicMs: () => 0,
    every: () => ({ stop: () => {} }),
    after(_, run) {
      timers.add(run);
      return { stop: () => void timers.delete(run) };
    },
  };
  const open = (): AppendFile => {
    const file = { batches: [] as string[], isClosed: false };
    files.push(file);
    return {
      append(bytes, done) {
        assert.equal(file.isClosed, false);
        file.batches.push(new TextDecoder().decode(bytes));
        waiting.push(done);
      },
      close: () => void (file.isClosed = true),
    };
  };
  const tick = (): void => {
    for (const run of timers) {
      timers.delete(run);
      run();
    }
  };
  const writer = new BatchWriter(open, time, (count, reason) => void lost.push(`${count} ${reason}`));
  return { files, writer, lost, tick, finishWrite: (fault?: string) => waiting.shift()?.(fault) };
}

describe("A batch writer", () => {
  test("writes lines that come together as one batch", () => {
    const { files, writer, tick } = setUp();
    writer.write("a");
    writer.write("b");
    assert.deepEqual(files[0]?.batches, []);
    tick();
    assert.deepEqual(files[0]?.batches, ["a\nb\n"]);
  });

  test("writes a large batch at once", () => {
    const { files, writer } = setUp();
    writer.write("x".repeat(100_000));
    assert.equal(files[0]?.batches.length, 1);
  });

  test("keeps order, and begins no write before the last one ended", () => {
    const { files, writer, tick, finishWrite } = setUp();
    writer.write("a");
    tick();
    writer.write("b");
    tick();
    assert.deepEqual(files[0]?.batches, ["a\n"]);
    finishWrite();
    assert.deepEqual(files[0]?.batches, ["a\n", "b\n"]);
  });

  test("lets lines that come during a write wait for company", () => {
    const { files, writer, tick, finishWrite } = setUp();
    writer.write("x".repeat(100_000));
    writer.write("a");
    finishWrite();
    writer.write("b");
    assert.equal(files[0]?.batches.length, 1);
    tick();
    assert.deepEqual(files[0]?.batches.slice(1), ["a\nb\n"]);
  });

  test("writes after a write at once what became a large batch meanwhile", () => {
    const { files, writer, finishWrite } = setUp();
    writer.write("x".repeat(100_000));
    writer.write("y".repeat(100_000));
    assert.equal(files[0]?.batches.length, 1);
    finishWrite();
    assert.equal(files[0]?.batches.length, 2);
  });

  test("writes what is left before it closes the file", async () => {
    const { files, writer, finishWrite } = setUp();
    writer.write("a");
    const closed = writer.close();
    assert.deepEqual(files[0]?.batches, ["a\n"]);
    assert.equal(files[0]?.isClosed, false);
    finishWrite();
    await closed;
    assert.equal(files[0]?.isClosed, true);
  });

  test("goes on in the new file after a reopen, without losing what is under way", () => {
    const { files, writer, tick, finishWrite } = setUp();
    writer.write("a");
    tick();
    writer.reopen();
    finishWrite();
    writer.write("b");
    tick();
    assert.deepEqual(
      files.map(({ batches }) => batches),
      [["a\n"], ["b\n"]],
    );
    assert.equal(files[0]?.isClosed, true);
    assert.equal(files[1]?.isClosed, false);
  });

  test("closes a rotated file only after the write that is under way in it", () => {
    const { files, writer, tick, finishWrite } = setUp();
    writer.write("a");
    tick();
    writer.reopen();
    assert.equal(files[0]?.isClosed, false);
    finishWrite();
    assert.equal(files[0]?.isClosed, true);
  });

  test("drops lines while the file takes none, within bounds, and says how many", () => {
    const { files, writer, lost, tick, finishWrite } = setUp();
    const line = "x".repeat(1_000_000);
    writer.write("first");
    tick();
    for (let count = 0; count < 20; count++) writer.write(line);
    finishWrite();
    finishWrite();
    finishWrite();
    const text = files[0]?.batches.join("") ?? "";
    const kept = text.split("\n").filter((found) => found === line).length;
    assert.ok(kept >= 8 && kept < 11, `${kept} lines were kept`);
    assert.match(text, new RegExp(`\\{"dropped":${20 - kept}\\}\n`));
    assert.deepEqual(
      lost,
      Array.from({ length: 20 - kept }, () => "1 the file takes them too slowly"),
    );
  });

  test("counts what its file does not take, and says so in it when it takes lines again", () => {
    const { files, writer, lost, tick, finishWrite } = setUp();
    writer.write("a");
    writer.write("b");
    tick();
    writer.write("c");
    finishWrite("ENOSPC");
    assert.deepEqual(lost, ["2 ENOSPC"]);
    tick();
    finishWrite("ENOSPC");
    assert.deepEqual(lost, ["2 ENOSPC", "1 ENOSPC"]);
    writer.write("d");
    tick();
    finishWrite();
    writer.write("e");
    tick();
    assert.deepEqual(files[0]?.batches.slice(2), ['d\n{"dropped":3}\n', "e\n"]);
  });

  test("ends though its file takes nothing any more", async () => {
    const { files, writer, lost, finishWrite } = setUp();
    writer.write("a");
    const closed = writer.close();
    finishWrite("EPIPE");
    await closed;
    assert.deepEqual([lost, files[0]?.isClosed], [["1 EPIPE"], true]);
  });
});
