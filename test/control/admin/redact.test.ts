import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { redact } from "../../../src/control/admin/redact.ts";

describe("redact", () => {
  test("hides what bears the name of a secret, at any depth", () => {
    const shown = redact({
      admin: { bind: "127.0.0.1:9900", token: "t0p" },
      upstreams: { app: { sticky: { cookie: "headgate", secrets: ["s1", "s2"] } } },
      routes: [
        {
          filters: {
            request: [{ setHeader: { Authorization: "Bearer x", "x-api-key": "k", "x-env": "prod" } }],
          },
        },
      ],
    });
    assert.deepEqual(shown, {
      admin: { bind: "127.0.0.1:9900", token: "***" },
      upstreams: { app: { sticky: { cookie: "headgate", secrets: "***" } } },
      routes: [
        {
          filters: {
            request: [{ setHeader: { Authorization: "***", "x-api-key": "***", "x-env": "prod" } }],
          },
        },
      ],
    });
  });

  test("hides all that is sent to a collector of traces", () => {
    const shown = redact({
      tracing: { otlp: "http://me:p@c", headers: { "x-team": "k" }, service: "front" },
    });
    assert.deepEqual(shown, {
      tracing: { otlp: "http://***@c", headers: { "x-team": "***" }, service: "front" },
    });
  });

  test("hides the user and password of URLs", () => {
    assert.deepEqual(redact({ store: "redis://u:p@host:1/0" }), { store: "redis://***@host:1/0" });
  });

  test("shows that a token is not set", () => {
    assert.deepEqual(redact({ token: "" }), { token: "" });
  });
});
