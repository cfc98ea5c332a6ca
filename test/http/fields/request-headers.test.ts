import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { hopByHop } from "../../../src/http/fields/hop-by-hop.ts";
import { toHeaders } from "../../../src/http/fields/field-lines.ts";
import { chooseHost, forwardableRequestHeaders } from "../../../src/http/fields/request-headers.ts";

const facts = {
  peer: "203.0.113.9",
  client: "203.0.113.9",
  isPeerTrusted: false,
  scheme: "https",
  authority: "shop.example:8443",
  port: 8443,
  requestId: "id-1",
  host: "inner:9000",
} as const;

const own = {
  host: "inner:9000",
  via: "1.1 headgate",
  "x-forwarded-for": "203.0.113.9",
  "x-forwarded-host": "shop.example:8443",
  "x-forwarded-port": "8443",
  "x-forwarded-proto": "https",
  "x-real-ip": "203.0.113.9",
  "x-request-id": "id-1",
};

function forward(
  fields: Record<string, string>,
  changes: Partial<typeof facts> | { isPeerTrusted: true; peer?: string } = {},
) {
  return Object.fromEntries(
    toHeaders(forwardableRequestHeaders(new Headers(fields), { ...facts, ...changes })),
  );
}

describe("forwardableRequestHeaders", () => {
  test("adds our fields to a plain request", () => {
    assert.deepEqual(forward({ accept: "*/*" }), { accept: "*/*", ...own });
  });

  test("removes every hop-by-hop field", () => {
    assert.deepEqual(forward(Object.fromEntries([...hopByHop].map((name) => [name, "x"]))), own);
  });

  test("removes what Connection nominates, whatever its case", () => {
    assert.deepEqual(
      forward({ connection: "keep-alive, X-Hop ,x-Other", "x-hop": "1", "x-other": "2", "x-end": "3" }),
      {
        "x-end": "3",
        ...own,
      },
    );
  });

  test("keeps identity, framing and our own fields whatever Connection nominates", () => {
    const kept = {
      authorization: "Bearer x",
      cookie: "a=1",
      "content-length": "3",
      "content-type": "text/plain",
      origin: "https://a",
    };
    const nominated = [...Object.keys({ ...kept, ...own, forwarded: "" }), "X-Forwarded-Anything"].join(", ");
    assert.deepEqual(forward({ connection: `close, ${nominated.toUpperCase()}`, ...kept }), {
      ...kept,
      ...own,
    });
  });

  test("drops forged forwarding fields of a peer that is not trusted", () => {
    const forged = {
      forwarded: "for=1.1.1.1",
      "x-forwarded-for": "1.1.1.1",
      "x-forwarded-host": "evil.test",
      "x-forwarded-port": "1",
      "x-forwarded-prefix": "/admin",
      "x-forwarded-proto": "http",
      "x-real-ip": "1.1.1.1",
      "x-request-id": "forged",
    };
    assert.deepEqual(forward(forged), own);
  });

  test("drops aliases of vouched-for names, even from a trusted peer", () => {
    const names = [
      "x-real.ip",
      "content_length",
      "transfer_encoding",
      "x_forwarded_for",
      "x.forwarded.for",
      "X-Forwarded_For",
      "x.forwarded-proto",
      "X_Real_Ip",
      "X.Request.Id",
    ];
    const aliases = Object.fromEntries(names.map((name) => [name, "1"]));
    assert.deepEqual(forward(aliases), own);
    assert.deepEqual(forward(aliases, { isPeerTrusted: true }), own);
  });

  test("keeps names with dots and underscores that nobody vouches for", () => {
    const fields = { my_header: "1", "x.team": "2" };
    assert.deepEqual(forward(fields), { ...fields, ...own });
  });

  test("continues the chain of a trusted peer and keeps its other fields", () => {
    const fields = {
      forwarded: "for=203.0.113.9",
      "x-forwarded-for": "1.1.1.1, 203.0.113.9",
      "x-forwarded-prefix": "/shop",
    };
    assert.deepEqual(forward(fields, { isPeerTrusted: true, peer: "10.0.0.1" }), {
      ...own,
      forwarded: "for=203.0.113.9",
      "x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.1",
      "x-forwarded-prefix": "/shop",
    });
  });

  test("begins the chain with the client that a trusted peer named in Forwarded", () => {
    assert.equal(
      forward({}, { isPeerTrusted: true, peer: "10.0.0.1" })["x-forwarded-for"],
      "203.0.113.9, 10.0.0.1",
    );
    assert.equal(forward({}, { isPeerTrusted: true })["x-forwarded-for"], "203.0.113.9");
  });

  test("appends to the Via of an earlier proxy", () => {
    assert.equal(forward({ via: "1.0 fred" })["via"], "1.0 fred, 1.1 headgate");
  });

  test("leaves the source untouched for the next attempt", () => {
    const source = new Headers({ connection: "x-hop", "x-hop": "1" });
    forwardableRequestHeaders(source, facts);
    assert.deepEqual(Object.fromEntries(source), { connection: "x-hop", "x-hop": "1" });
  });

  test("no spelling of a forged field survives", () => {
    const separators = fc.tuple(fc.constantFrom("-", "_", "."), fc.constantFrom("-", "_", "."));
    const parts = fc.constantFrom(
      ["x", "forwarded", "for"],
      ["X", "Real", "IP"],
      ["x", "FORWARDED", "proto"],
      ["x", "Forwarded", "User"],
    );
    fc.assert(
      fc.property(
        parts,
        separators,
        fc.string({ unit: "grapheme-ascii" }),
        ([a, b, c], [one, two], noise) => {
          const sent = forward({ [`${a}${one}${b}${two}${c}`]: "forged", connection: noise });
          assert.ok(!Object.values(sent).includes("forged"));
          assert.deepEqual(sent, own);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("chooseHost", () => {
  test("preserves, replaces by the server's, or takes a literal", () => {
    assert.equal(chooseHost("preserve", "shop.example", "inner:9000"), "shop.example");
    assert.equal(chooseHost("upstream", "shop.example", "inner:9000"), "inner:9000");
    assert.equal(chooseHost("fixed.example", "shop.example", "inner:9000"), "fixed.example");
  });
});
