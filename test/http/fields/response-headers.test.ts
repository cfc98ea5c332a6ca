import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toResponse } from "../../../src/http/outgoing-answer.ts";
import { forwardableResponseHeaders } from "../../../src/http/fields/response-headers.ts";

describe("forwardableResponseHeaders", () => {
  test("removes hop-by-hop and nominated fields, however they are written, and adds Via", () => {
    const fields = [
      ["Connection", "X-Internal"],
      ["x-internal", "1"],
      ["Keep-Alive", "timeout=5"],
      ["Alt-Svc", 'h3=":443"'],
      ["connection", "X-Later, cache-control"],
      ["X-Later", "2"],
      ["Cache-Control", "no-store"],
      ["ETag", '"a"'],
    ];
    assert.deepEqual(Object.fromEntries(forwardableResponseHeaders(fields.flat())), {
      "cache-control": "no-store",
      etag: '"a"',
      via: "1.1 headgate",
    });
  });

  test("keeps Set-Cookie lines apart, joins what else comes twice, and fits into an answer of ours", () => {
    const fields = [
      ["Set-Cookie", "a=1"],
      ["X-A", "1"],
      ["set-cookie", "b=2"],
      ["x-a", "2"],
      ["Via", "1.1 inner"],
      ["X-Latin", "caf\u00e9"],
      ["X-Empty", ""],
    ];
    const { headers } = toResponse({
      status: 200,
      headers: forwardableResponseHeaders(fields.flat()),
      body: null,
    });
    assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(headers.get("x-a"), "1, 2");
    assert.equal(headers.get("via"), "1.1 inner, 1.1 headgate");
    assert.equal(headers.get("x-latin"), "caf\u00e9");
    assert.equal(headers.get("x-empty"), "");
  });
});
