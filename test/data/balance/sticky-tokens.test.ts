import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createStickyTokens } from "../../../src/data/balance/sticky-tokens.ts";

const servers = ["10.0.0.1:80", "10.0.0.2:80", "big"];
const tokens = createStickyTokens(["secret"], { upstream: "app", servers });

test("every token leads back to its server", () => {
  for (const server of servers.keys()) assert.equal(tokens.serverOf(tokens.tokenOf(server)), server);
});

test("a token is 22 letters that need no quoting in a cookie, and tells nothing of the server", () => {
  for (const server of servers.keys()) {
    assert.match(tokens.tokenOf(server), /^[\w-]{22}$/);
    assert.ok(!tokens.tokenOf(server).includes("10"));
  }
});

test("forged, truncated, prolonged and foreign tokens lead nowhere", () => {
  const token = tokens.tokenOf(0);
  const foreign = createStickyTokens(["secret"], { upstream: "shop", servers }).tokenOf(0);
  const otherSecret = createStickyTokens(["other"], { upstream: "app", servers }).tokenOf(0);
  const forged = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
  for (const wrong of [
    "",
    "x",
    token.slice(0, -1),
    `${token}A`,
    forged,
    foreign,
    otherSecret,
    token.toUpperCase(),
  ]) {
    assert.equal(tokens.serverOf(wrong), -1, wrong);
  }
});

test("nothing that a client may send throws or leads anywhere", () => {
  fc.assert(
    fc.property(fc.string(), (text) => assert.equal(tokens.serverOf(text), -1)),
    { numRuns: 300 },
  );
  assert.equal(tokens.serverOf("__proto__"), -1);
});

test("a replaced secret still verifies, and the first one signs", () => {
  const rotated = createStickyTokens(["new", "secret"], { upstream: "app", servers });
  assert.equal(rotated.serverOf(tokens.tokenOf(1)), 1);
  assert.equal(rotated.tokenOf(1), createStickyTokens(["new"], { upstream: "app", servers }).tokenOf(1));
});

test("a server keeps its token when others come and go", () => {
  const later = createStickyTokens(["secret"], { upstream: "app", servers: ["new", "big"] });
  assert.equal(later.serverOf(tokens.tokenOf(2)), 1);
  assert.equal(later.serverOf(tokens.tokenOf(0)), -1);
});

test("names that would run together stay apart", () => {
  const one = createStickyTokens(["secret"], { upstream: "a", servers: ["b|c"] });
  const other = createStickyTokens(["secret"], { upstream: "a|b", servers: ["c"] });
  assert.notEqual(one.tokenOf(0), other.tokenOf(0));
});
