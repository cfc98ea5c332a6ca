import { test } from "node:test";

import { casesOf, judgeAll, startJudge } from "./judge.ts";
import type { Row } from "./judge.ts";

/** Deno hands over `*` as a path. */
const lines: readonly Row[] = [
  ["CONNECT site.test:443", "400", "405"],
  ["CONNECT /x", "405", "400"],
  ["TRACE /x", "405"],
  ["FOO /x", "501"],
  ["get /x", "501"],
  ["Get /x", "501"],
  ["OPTIONS *", "400", "200 > OPTIONS /*"],
  ["OPTIONS /x", "200 > OPTIONS /x"],
  ["PATCH /x", "200 > PATCH /x"],
  ["patch /x", "501"],
  ["QUERY /x", "200 > QUERY /x"],
  ["PRI *", "400"],
  ["G@T /x", "400"],
  ["PURGE /x", "200 > PURGE /x"],
  ["PROPFIND /x", "200 > PROPFIND /x"],
];

test("only methods that are passed on as they are reach the server", async (t) => {
  await judgeAll(
    await startJudge(t),
    casesOf(lines, (line) => `${line} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n`),
  );
});
