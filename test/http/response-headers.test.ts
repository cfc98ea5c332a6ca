import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { forwardableResponseHeaders } from "../../src/http/response-headers.ts";

describe("forwardableResponseHeaders", () => {
  test("removes hop-by-hop and nominated fields and adds Via", () => {
    const fields = {
      connection: "X-Internal, cache-control",
      "keep-alive": "timeout=5",
      "alt-svc": 'h3=":443"',
      "x-internal": "1",
    };
    const headers = forwardableResponseHeaders(
      new Headers({ ...fields, "cache-control": "no-store", etag: '"a"' }),
    );
    assert.deepEqual(Object.fromEntries(headers), {
      "cache-control": "no-store",
      etag: '"a"',
      via: "1.1 headgate",
    });
  });

  test("takes the answer of fetch, keeps Set-Cookie lines apart, and fits into an answer of ours", async (t) => {
    const server = createServer((_, response) => {
      response.writeHead(
        200,
        [
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
          ["Connection", "x-a"],
          ["X-A", "1"],
          ["Via", "1.1 inner"],
        ].flat(),
      );
      response.end("ok");
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    t.after(() => void server.close());
    const fetched = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const answer = new Response(fetched.body, { headers: forwardableResponseHeaders(fetched.headers) });
    assert.equal(await answer.text(), "ok");
    assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(answer.headers.get("x-a"), null);
    assert.equal(answer.headers.get("connection"), null);
    assert.equal(answer.headers.get("via"), "1.1 inner, 1.1 headgate");
  });
});
