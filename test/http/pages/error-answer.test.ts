import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { errorAnswer as makeErrorAnswer } from "../../../src/http/pages/error-answer.ts";
import { toResponse } from "../../../src/http/outgoing-answer.ts";
import { failureTypes, refusalOf } from "../../../src/http/failures.ts";
import { refuseMethod } from "../../../src/http/methods.ts";

const request = { accept: null, requestId: "id-1", host: "shop.example", path: "/a", isHead: false };
const html = { ...request, accept: "text/html" };

const errorAnswer = (...asked: Parameters<typeof makeErrorAnswer>): Response =>
  toResponse(makeErrorAnswer(...asked));

describe("errorAnswer", () => {
  test("gives plain text to who takes anything", async () => {
    for (const accept of [null, "*/*", "image/png", ""]) {
      const answer = errorAnswer(refusalOf("connection_refused"), { ...request, accept });
      assert.equal(answer.status, 502);
      assert.equal(answer.headers.get("content-type"), "text/plain; charset=utf-8");
      assert.match(await answer.text(), /^502 Bad Gateway\n\n.+\n.+\n\nRequest id: id-1\n$/);
    }
  });

  test("gives a page to browsers", async () => {
    const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const answer = errorAnswer(refusalOf("destination_not_found"), { ...request, accept });
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    const page = await answer.text();
    assert.match(page, /^<!doctype html>\n<html lang="en">/);
    assert.match(page, /<title>404 · /);
    assert.match(page, /<h1>There is nothing at this address<\/h1>/);
    assert.match(page, /<dd>id-1<\/dd>/);
  });

  test("gives a problem document to programs", async () => {
    for (const accept of [
      "application/json",
      "application/problem+json",
      "application/json, text/plain, */*",
    ]) {
      const refusal = refusalOf("http_request_denied", {
        status: 429,
        detail: "rate limit",
        retryAfterSeconds: 2.1,
      });
      const answer = errorAnswer(refusal, { ...request, accept });
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.headers.get("retry-after"), "3");
      assert.deepEqual(await answer.json(), {
        type: "about:blank",
        title: "Too Many Requests",
        status: 429,
        detail: "That was a little too fast: rate limit",
        instance: "/a",
        error: "http_request_denied",
        requestId: "id-1",
        retryAfterSeconds: 2.1,
      });
    }
  });

  test("carries what clients, caches and operators need", () => {
    const { headers } = errorAnswer(refusalOf("connection_timeout", { detail: "2 s" }), request);
    assert.equal(headers.get("proxy-status"), 'headgate; error=connection_timeout; details="2 s"');
    assert.equal(headers.get("x-request-id"), "id-1");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("retry-after"), null);
  });

  test("names the allowed methods with 405, its own list first", () => {
    const trace = refuseMethod("TRACE");
    assert.ok(trace);
    assert.match(errorAnswer(trace, request).headers.get("allow") ?? "", /GET/);
    const own = refusalOf("http_request_denied", { status: 405, headers: { allow: "POST" } });
    assert.equal(errorAnswer(own, request).headers.get("allow"), "POST");
  });

  test("answers HEAD with the length but without the body", async () => {
    const full = await errorAnswer(refusalOf("dns_error"), html).text();
    const answer = errorAnswer(refusalOf("dns_error"), { ...html, isHead: true });
    assert.equal(answer.headers.get("content-length"), String(new TextEncoder().encode(full).byteLength));
    assert.equal(await answer.text(), "");
  });

  test("allows its page one style and nothing else", async () => {
    const answer = errorAnswer(refusalOf("dns_error"), html);
    const page = await answer.text();
    const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.ok(policy.startsWith(`default-src 'none'; style-src 'sha256-${hash}'; `), policy);
    assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|style="| on\w+="/);
  });

  test("tells visitors how long to wait", async () => {
    const wait = async (retryAfterSeconds: number) =>
      /Please wait ([^.]+)\./.exec(
        await errorAnswer(refusalOf("destination_unavailable", { retryAfterSeconds }), html).text(),
      )?.[1];
    assert.deepEqual(
      [await wait(1), await wait(12), await wait(600), await wait(36_000)],
      ["1 second", "12 seconds", "10 minutes", "10 hours"],
    );
  });

  test("offers another try only where it can help", async () => {
    assert.match(await errorAnswer(refusalOf("connection_refused"), html).text(), /href="">Try again/);
    assert.match(
      await errorAnswer(refusalOf("http_request_denied"), html).text(),
      /href="\/">To the home page/,
    );
  });

  test("never lets a client's text become markup, header or control character", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary" }),
        fc.constantFrom(...failureTypes),
        async (noise, type) => {
          const forged = `<script>"'&\r\nSet-Cookie: a=1\u0000${noise}`;
          const answer = errorAnswer(refusalOf(type, { detail: forged }), {
            ...html,
            host: forged,
            path: `/${forged}`,
          });
          assert.doesNotMatch(await answer.text(), /<script/);
          assert.equal(answer.headers.get("set-cookie"), null);
          assert.doesNotMatch(answer.headers.get("proxy-status") ?? "", /[^ -~]/);
        },
      ),
      { numRuns: 100 },
    );
  });
});
