import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createLog, redactUserinfo } from "../../src/control/log.ts";

function collect(): { lines: string[]; log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => lines.push(line), now: () => 0 }) };
}

describe("log", () => {
  test("writes time, level, message and facts in one line", () => {
    const { lines, log } = collect();
    log.warn("cannot watch", { directory: "/a b", tries: 2, reason: undefined });
    assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z warn cannot watch directory="/a b" tries=2\n']);
  });

  test("keeps a message of several lines in one line", () => {
    const { lines, log } = collect();
    log.error("one\ntwo", { reason: "three\r\nfour" });
    assert.equal(lines.join("").split("\n").length, 2);
  });

  test("never writes the user and password of a URL", () => {
    const { lines, log } = collect();
    log.info("connecting to redis://me:secret@10.0.0.1:6379/0", { url: "https://user:pa@ss@host/" });
    assert.doesNotMatch(lines.join(""), /secret|user|pa@ss/);
    assert.match(lines.join(""), /redis:\/\/\*\*\*@10\.0\.0\.1:6379/);
  });

  test("leaves an @ behind the host alone", () => {
    assert.equal(redactUserinfo("http://host/users/@me?mail=a@b"), "http://host/users/@me?mail=a@b");
  });
});
