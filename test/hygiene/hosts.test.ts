import { test } from "node:test";

import { casesOf, judgeAll, startJudge } from "./judge.ts";
import type { Case, Row } from "./judge.ts";

function at(target: string, ...lines: string[]): string {
  return `GET ${target} HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join("")}Connection: close\r\n\r\n`;
}

/** Deno gives a request without a Host its own: then that is what is matched and sent. */
const lines: readonly Case[] = [
  ["no Host", at("/x", "X-A: b"), "400", "200 > GET localhost:PORT/x"],
  ["no Host in HTTP/1.0", "GET /x HTTP/1.0\r\n\r\n", "400", "200 > GET localhost:PORT/x"],
  ["Host in HTTP/1.0", "GET /x HTTP/1.0\r\nHost: site.test\r\n\r\n", "200 > GET /x"],
  ["no Host, absolute", at("http://site.test/x", "X-A: b"), "400", "200 > GET /x"],
  ["two Hosts that agree", at("/x", "Host: site.test", "Host: site.test"), "400"],
  ["two Hosts that differ", at("/x", "Host: site.test", "Host: evil.test"), "400"],
  ["two Hosts in two cases", at("/x", "Host: site.test", "host: SITE.test"), "400"],
];

const values: readonly Row[] = [
  ["", "400"],
  ["u:p@evil.test", "400"],
  ["evil.test/path", "400"],
  ["a b", "400"],
  ["a#b", "400"],
  ["a\\b", "400"],
  ["a:99999", "400"],
  ["a:0", "400"],
  ["a:", "400"],
  ["a:80a", "400"],
  ["a:+80", "400"],
  ["[::1]", "200 > GET [::1]/x"],
  ["[::1]:8080", "200 > GET [::1]:8080/x"],
  ["[::1", "400"],
  ["::1", "400"],
  ["a,b", "400"],
  ["a.test,b.test", "400"],
  ["SITE.test", "200 > GET SITE.test/x"],
  ["site.test.", "200 > GET site.test./x"],
  ["site.test:80", "200 > GET site.test:80/x"],
  ["site.test:8080", "200 > GET site.test:8080/x"],
  ["0x7f.1", "400"],
  ["127.1", "400"],
  ["127.0.0.1", "200 > GET 127.0.0.1/x"],
  ["2130706433", "400"],
  ["a_b.test", "200 > GET a_b.test/x"],
  ["-a.test", "200 > GET -a.test/x"],
  ["a..b", "400"],
  [".", "400"],
  ["a%2eb", "400"],
  ["\u00e9.test", "400"],
  ["xn--bcher-kva.test", "200 > GET xn--bcher-kva.test/x"],
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test", "400"],
  ["site.test\t", "200 > GET /x"],
  ["'a'", "400"],
  ["a?b", "400"],
  ["a;b", "400"],
  ["a@b", "400"],
  ["localhost", "200 > GET localhost/x"],
];

test("a request names one host, once", async (t) => judgeAll(await startJudge(t), lines));

test("a Host that two readers could read differently is refused", async (t) => {
  await judgeAll(
    await startJudge(t),
    casesOf(values, (host) => at("/x", `Host: ${host}`)),
  );
});
