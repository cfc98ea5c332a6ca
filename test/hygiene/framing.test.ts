import assert from "node:assert/strict";
import { test } from "node:test";

import { get, judgeAll, startJudge } from "./judge.ts";
import type { Case } from "./judge.ts";

const CLOSE = "Connection: close";
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: site.test\r\n\r\n";
const chunked = "3\r\nabc\r\n0\r\n\r\n";

function fields(...lines: string[]): string {
  return `Host: site.test\r\n${lines.map((line) => `${line}\r\n`).join("")}`;
}

function post(lines: string[], body: string): string {
  return `POST /x HTTP/1.1\r\n${fields(...lines)}\r\n${body}`;
}

/** Keeps the connection: what follows is the next request. */
function kept(target: string): string {
  return `GET ${target} HTTP/1.1\r\n${fields()}\r\n`;
}

/**
 * Deno reads a bare LF as the end of a line, which is refused on Bun. Either way the server gets a request in
 * one framing, of ours.
 */
const cases: readonly Case[] = [
  ["CL and TE", post(["Content-Length: 13", "Transfer-Encoding: chunked", CLOSE], chunked), "400"],
  ["TE and CL", post(["Transfer-Encoding: chunked", "Content-Length: 13", CLOSE], chunked), "400"],
  [
    "CL.TE smuggled",
    post(["Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`),
    "400",
  ],
  ["two CL that differ", post(["Content-Length: 3", "Content-Length: 5", CLOSE], "abcde"), "400"],
  ["two CL that agree", post(["Content-Length: 3", "Content-Length: 3", CLOSE], "abc"), "400"],
  ["CL as a list", post(["Content-Length: 3, 3", CLOSE], "abc"), "400"],
  ["CL +3", post(["Content-Length: +3", CLOSE], "abc"), "400"],
  ["CL -1", post(["Content-Length: -1", CLOSE], "abc"), "400"],
  ["CL 0x3", post(["Content-Length: 0x3", CLOSE], "abc"), "400"],
  ["CL empty", post(["Content-Length:", CLOSE], "abc"), "400"],
  ["CL overflow", post(["Content-Length: 18446744073709551619", CLOSE], "abc"), "400"],
  ["CL 03", post(["Content-Length: 03", CLOSE], "abc"), "200 > POST /x abc"],
  ["CL 3 with spaces", post(["Content-Length:   3  ", CLOSE], "abc"), "200 > POST /x abc"],
  ["CL space before colon", post(["Content-Length : 3", CLOSE], "abc"), "400"],
  ["TE space before colon", post(["Transfer-Encoding : chunked", CLOSE], chunked), "400"],
  ["TE xchunked", post(["Transfer-Encoding: xchunked", CLOSE], chunked), "400"],
  ["TE gzip, chunked", post(["Transfer-Encoding: gzip, chunked", CLOSE], chunked), "400"],
  ["TE chunked, identity", post(["Transfer-Encoding: chunked, identity", CLOSE], chunked), "400"],
  ["TE identity, chunked", post(["Transfer-Encoding: identity, chunked", CLOSE], chunked), "400"],
  ["TE identity", post(["Transfer-Encoding: identity", CLOSE], "abc"), "400"],
  ["TE ,chunked", post(["Transfer-Encoding: ,chunked", CLOSE], chunked), "400"],
  ["TE chunked,", post(["Transfer-Encoding: chunked,", CLOSE], chunked), "400"],
  ["TE chunked, chunked", post(["Transfer-Encoding: chunked, chunked", CLOSE], chunked), "400"],
  ["TE chunked;q=1", post(["Transfer-Encoding: chunked;q=1", CLOSE], chunked), "400"],
  ["TE quoted", post(['Transfer-Encoding: "chunked"', CLOSE], chunked), "400"],
  ["TE empty", post(["Transfer-Encoding:", CLOSE], chunked), "400"],
  ["TE twice", post(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked", CLOSE], chunked), "400"],
  [
    "TE chunked and TE identity",
    post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity", CLOSE], chunked),
    "400",
  ],
  [
    "TE gzip and TE chunked",
    post(["Transfer-Encoding: gzip", "Transfer-Encoding: chunked", CLOSE], chunked),
    "400",
  ],
  ["TE vertical tab", post(["Transfer-Encoding: \x0bchunked", CLOSE], chunked), "400"],
  ["TE CHUNKED", post(["Transfer-Encoding: CHUNKED", CLOSE], chunked), "200 > POST /x abc"],
  ["TE tab", post(["Transfer-Encoding:\tchunked", CLOSE], chunked), "200 > POST /x abc"],
  ["TE in HTTP/1.0", `POST /x HTTP/1.0\r\n${fields("Transfer-Encoding: chunked")}\r\n${chunked}`, "400"],
  ["CL in HTTP/1.0", `POST /x HTTP/1.0\r\n${fields("Content-Length: 3")}\r\nabc`, "200 > POST /x abc"],
  [
    "Transfer_Encoding",
    post(["Transfer_Encoding: chunked", "Content-Length: 3", CLOSE], "abc"),
    "200 > POST /x abc",
  ],
  ["Content_Length", post(["Content_Length: 5", "Content-Length: 3", CLOSE], "abc"), "200 > POST /x abc"],
  ["obs-fold", post(["X-A: b", " c", "Content-Length: 3", CLOSE], "abc"), "400"],
  ["obs-fold TE", post(["Transfer-Encoding:", " chunked", CLOSE], chunked), "400"],
  ["line that begins with a space", `POST /x HTTP/1.1\r\n Host: site.test\r\n${fields(CLOSE)}\r\n`, "400"],
  [
    "bare LF after a field",
    `POST /x HTTP/1.1\r\n${fields("X-A: b\nContent-Length: 3", CLOSE)}\r\nabc`,
    "400",
    "200 > POST /x abc",
  ],
  [
    "bare LF hides TE",
    `POST /x HTTP/1.1\r\n${fields("X-A: b\nTransfer-Encoding: chunked", CLOSE)}\r\n${chunked}`,
    "400",
    "200 > POST /x abc",
  ],
  [
    "bare LF all over",
    "POST /x HTTP/1.1\nHost: site.test\nContent-Length: 3\nConnection: close\n\nabc",
    "400",
    "200 > POST /x abc",
  ],
  ["bare CR in a value", post(["X-A: b\rContent-Length: 9", "Content-Length: 3", CLOSE], "abc"), "400"],
  ["chunk lines end in LF", post(["Transfer-Encoding: chunked", CLOSE], "3\nabc\n0\n\n"), "400", "cut"],
  [
    "chunk extension",
    post(["Transfer-Encoding: chunked", CLOSE], "3;a=b\r\nabc\r\n0\r\n\r\n"),
    "200 > POST /x abc",
  ],
  [
    "chunk extension with LF",
    post(["Transfer-Encoding: chunked", CLOSE], "3;a\nb\r\nabc\r\n0\r\n\r\n"),
    "400",
    "cut",
  ],
  [
    "chunk size overflow",
    post(["Transfer-Encoding: chunked", CLOSE], "100000000000000003\r\nabc\r\n0\r\n\r\n"),
    "400",
    "cut",
  ],
  ["chunk size 0x3", post(["Transfer-Encoding: chunked", CLOSE], "0x3\r\nabc\r\n0\r\n\r\n"), "400", "cut"],
  ["chunk size -3", post(["Transfer-Encoding: chunked", CLOSE], "-3\r\nabc\r\n0\r\n\r\n"), "400", "cut"],
  [
    "chunk size with space",
    post(["Transfer-Encoding: chunked", CLOSE], "3 \r\nabc\r\n0\r\n\r\n"),
    "200 > POST /x abc",
  ],
  [
    "chunk size 003",
    post(["Transfer-Encoding: chunked", CLOSE], "003\r\nabc\r\n0\r\n\r\n"),
    "200 > POST /x abc",
  ],
  [
    "chunk longer than its size",
    post(["Transfer-Encoding: chunked", CLOSE], "3\r\nabcd\r\n0\r\n\r\n"),
    "400",
    "cut",
  ],
  ["chunk without CRLF", post(["Transfer-Encoding: chunked", CLOSE], "3\r\nabc0\r\n\r\n"), "400", "cut"],
  [
    "trailers",
    post(["Transfer-Encoding: chunked", CLOSE], "3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"),
    "200 > POST /x abc",
  ],
  [
    "trailer with Content-Length",
    post(["Transfer-Encoding: chunked", CLOSE], "3\r\nabc\r\n0\r\nContent-Length: 50\r\n\r\n"),
    "200 > POST /x abc",
  ],
  ["NUL in a value", get("/x", "X-A: b\0c"), "400"],
  ["control in a name", get("/x", "X-\x01A: b"), "400"],
  ["no colon", get("/x", "X-A"), "400"],
  ["empty name", get("/x", ": b"), "400"],
  ["name that is no token", get("/x", "X(A): b"), "400"],
  ["space in a name", get("/x", "X A: b"), "400"],
  ["leading CRLF", `\r\n${get("/x")}`, "200 > GET /x"],
  ["HTTP/1.2", `GET /x HTTP/1.2\r\n${fields(CLOSE)}\r\n`, "505", "400"],
  ["HTTP/2.0", `GET /x HTTP/2.0\r\n${fields(CLOSE)}\r\n`, "505", "400"],
  ["HTTP/0.9", "GET /x\r\n\r\n", "400"],
  ["http/1.1", `GET /x http/1.1\r\n${fields(CLOSE)}\r\n`, "400"],
  [
    "GET with CL and a request in its body",
    `GET /x HTTP/1.1\r\n${fields(`Content-Length: ${SMUGGLED.length}`, CLOSE)}\r\n${SMUGGLED}`,
    "200 > GET /x",
  ],
  [
    "GET with TE and a request in its body",
    `GET /x HTTP/1.1\r\n${fields("Transfer-Encoding: chunked", CLOSE)}\r\n${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    "200 > GET /x",
  ],
  ["HEAD with CL", `HEAD /x HTTP/1.1\r\n${fields("Content-Length: 3", CLOSE)}\r\nabc`, "200 > HEAD /x"],
  [
    "DELETE chunked",
    `DELETE /x HTTP/1.1\r\n${fields("Transfer-Encoding: chunked", CLOSE)}\r\n${chunked}`,
    "200 > DELETE /x abc",
  ],
  [
    "OPTIONS chunked",
    `OPTIONS /x HTTP/1.1\r\n${fields("Transfer-Encoding: chunked", CLOSE)}\r\n${chunked}`,
    "200 > OPTIONS /x abc",
  ],
  [
    "Expect: 100-continue",
    post(["Content-Length: 3", "Expect: 100-continue", CLOSE], "abc"),
    "200 > POST /x abc", // what has come need not be waved on (RFC 9110, 10.1.1)
    "100+200 > POST /x abc",
  ],
  ["Expect bogus", post(["Content-Length: 3", "Expect: 200-maybe", CLOSE], "abc"), "200 > POST /x abc"],
];

test("a body ends in one place only, whoever reads it", async (t) => judgeAll(await startJudge(t), cases));

for (const [what, bytes, expected] of [
  ["two requests", kept("/a") + kept("/b"), "200+200 > GET /a > GET /b"],
  [
    "a request after a body",
    post(["Content-Length: 3"], `abc${kept("/b")}`),
    "200+200 > POST /x abc > GET /b",
  ],
] as const) {
  test(`${what} in one piece are two requests, in order`, async (t) => {
    const outcome = await (await startJudge(t)).outcomeOf(bytes);
    assert.equal(outcome, expected);
  });
}
