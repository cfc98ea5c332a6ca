import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toResponse } from "../../../src/http/outgoing-answer.ts";
import { forwardableResponseHeaders } from "../../../src/http/fields/response-headers.ts";

describe("forwardableResponseHeaders", () => {
  test("removes hop-by-hop and nominated fields, and adds Via", () => {
    const fields = [
      ["connection", "X-Internal"],
      ["x-internal", "1"],
      ["keep-alive", "timeout=5"],
      ["alt-svc", 'h3=":443"'],
      ["connection", "X-Later, cache-control"],
      ["x-later", "2"],
      ["cache-control", "no-store"],
      ["etag", '"a"'],
    ];
    assert.deepEqual(Object.fromEntries(forwardableResponseHeaders(fields.flat())), {
      "cache-control": "no-store",
      etag: '"a"',
      via: "1.1 headgate",
    });
  });

  test("keeps Set-Cookie lines apart, joins what else comes twice, and fits into an answer of ours", () => {
    const fields = [
      ["set-cookie", "a=1"],
      ["x-a", "1"],
      ["set-cookie", "b=2"],
      ["x-a", "2"],
      ["via", "1.1 inner"],
      ["x-latin", "caf\u00e9"],
      ["x-empty", ""],
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
