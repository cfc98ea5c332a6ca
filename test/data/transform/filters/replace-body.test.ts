import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createReplaceBody } from "../../../../src/data/transform/filters/replace-body.ts";
import type { BodyReplacement } from "../../../../src/data/transform/filters/replace-body.ts";
import { WINDOW } from "../../../../src/data/transform/filters/replace-regex.ts";
import { cuts, textThrough, through } from "./chunked.ts";

const quiet = { monotonicMs: () => 0, report() {} };

function replace(config: BodyReplacement, contentType = "text/plain") {
  const type = contentType.split(";", 1)[0] ?? "";
  const filter = createReplaceBody(config, quiet)(type, contentType);
  assert.ok(filter);
  return filter;
}

const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "😀", "\n"), maxLength: 30 });
const needle = fc.string({ unit: fc.constantFrom("a", "b", "é", "😀"), minLength: 1, maxLength: 4 });

describe("replaceBody with a text", () => {
  test("replaces every occurrence, however the body arrives, in UTF-8 and in UTF-16", () => {
    fc.assert(
      fc.property(fc.tuple(letters, needle, letters), cuts, ([body, find, instead], lengths) => {
        const wanted = body.replaceAll(find, () => instead);
        assert.equal(textThrough(replace({ find, with: instead }), body, lengths), wanted);
        const filter = replace({ find, with: instead }, "text/plain; charset=utf-16le");
        const out = through(filter, Buffer.from(body, "utf16le"), lengths);
        assert.equal(Buffer.from(out).toString("utf16le"), wanted);
      }),
      { numRuns: 300 },
    );
  });

  test("holds back only what may be the beginning of a match", () => {
    const filter = replace({ find: "abcabd", with: "-" });
    const write = (text: string): string =>
      Buffer.concat([filter.write(Buffer.from(text))].flat()).toString();
    assert.equal(write("xyz"), "xyz");
    assert.equal(write("abcab"), "");
    assert.equal(write("cab"), "abc");
    assert.equal(write("d."), "-.");
  });

  test("takes the charset from the byte order mark before the label", () => {
    const body = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from("foo", "utf16le").swap16()]);
    const out = Buffer.from(
      through(replace({ find: "foo", with: "é" }, "text/html; charset=utf-8"), body, [1]),
    );
    assert.deepEqual([...out], [0xfe, 0xff, 0x00, 0xe9]);
  });

  test("writes in a charset of one byte", () => {
    const out = through(
      replace({ find: "€", with: "é" }, "text/html; charset=ISO-8859-1"),
      Uint8Array.of(0x80, 0x81, 0xe9),
    );
    assert.deepEqual([...out], [0xe9, 0x81, 0xe9]);
  });
});

describe("replaceBody with a regular expression", () => {
  const sources = ["a+", "a*", "\\bb", "^a", "a$", "(a)(b)?", "[^a]", "b|ab", ".", "a.?b"];

  test("is String.replace, however the body arrives", () => {
    fc.assert(
      fc.property(
        fc.tuple(letters, fc.constantFrom(...sources)),
        fc.constantFrom("", "g", "gs"),
        cuts,
        ([body, source], flags, lengths) => {
          const filter = replace({ find: `/${source}/${flags}`, with: "[$&$1]" });
          const wanted = body.replace(
            new RegExp(source, `${flags}u`),
            source.startsWith("(") ? "[$&$1]" : "[$&$$1]",
          );
          assert.equal(textThrough(filter, body, lengths), wanted);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("gives the same across the edges of its window, however the body arrives", () => {
    const text = `${"x".repeat(WINDOW - 3)}abab${"y".repeat(WINDOW * 2 - 5)}ab${"😀".repeat(WINDOW)}ab`;
    const config = { find: "/(?:ab)+|😀b/g", with: "<$&>" };
    const wanted = text.replaceAll(/(?:ab)+|😀b/gu, "<$&>");
    for (const lengths of [[1_000_000], [65_536], [7_777, 1], [WINDOW + 1]]) {
      assert.equal(textThrough(replace(config), text, lengths), wanted);
    }
  });

  test("leaves a match that is longer than its window", () => {
    const text = `<${"x".repeat(3 * WINDOW)}><y>`;
    assert.equal(
      textThrough(replace({ find: "/<[^>]*>/g", with: "-" }), text, [10_000]),
      `<${"x".repeat(3 * WINDOW)}>-`,
    );
  });

  test("gives a body up whose every match costs a look through the window", () => {
    const filter = createReplaceBody(
      { find: "/a.*b|a/g", with: "x" },
      { ...quiet, monotonicMs: () => performance.now() },
    );
    const startedMs = performance.now();
    const body = filter("text/plain", "text/plain");
    assert.throws(() => textThrough(body!, "a".repeat(300_000), [65_536]), /takes too long/);
    assert.ok(performance.now() - startedMs < 10_000);
  });

  test("leaves bytes that are no text in its charset as they are, and still finds the rest", () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(bytes, cuts, (body, lengths) => {
        const filter = replace({ find: "/nothing/g", with: "" });
        assert.deepEqual([...through(filter, body, lengths)], [...body]);
      }),
      { numRuns: 500 },
    );
    const filter = replace({ find: "/e.?vil/g", with: "-" });
    assert.deepEqual([...through(filter, Buffer.from("xe\u00e9vil", "latin1"), [1])], [...Buffer.from("x-")]);
  });
});

describe("replaceBody", () => {
  test("works on texts, or on the types that it is given", () => {
    const byDefault = createReplaceBody({ find: "a", with: "b" }, quiet);
    const types = [
      "text/html",
      "application/json",
      "application/problem+json",
      "image/svg+xml",
      "text/javascript",
    ];
    for (const type of types) assert.ok(byDefault(type, type), type);
    for (const type of ["", "image/png", "application/octet-stream"])
      assert.equal(byDefault(type, type), undefined);
    const one = createReplaceBody({ find: "a", with: "b", types: ["text/html"] }, quiet);
    assert.ok(one("text/html", null));
    assert.equal(one("text/css", null), undefined);
  });

  test("passes what it cannot write back, and says so once", () => {
    const lines: string[] = [];
    const open = createReplaceBody(
      { find: "a", with: "€" },
      { ...quiet, report: (line) => void lines.push(line) },
    );
    for (const label of ["shift_jis", "shift_jis", "nonsense", "koi8-r"]) {
      assert.equal(open("text/html", `text/html; charset=${label}`), undefined);
    }
    assert.deepEqual(lines.length, 3);
    assert.match(lines[0] ?? "", /"shift_jis"/);
  });
});
