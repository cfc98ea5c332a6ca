import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { compileLinear } from "../../src/config/linear-regex.ts";
import { parseTemplate, replaceMatches } from "../../src/config/template.ts";

const sources = [
  String.raw`\bfo+\b`,
  String.raw`a\s+b`,
  String.raw`[\s,]+`,
  String.raw`[^\s]+`,
  String.raw`\S+`,
  String.raw`[\S]`,
  "a.c",
  "^a",
  "c$",
  "(a)(b)?(?<last>c)?",
  "a*",
  String.raw`a{2,3}?`,
  String.raw`[a-c]|\d+`,
  "[^]",
  String.raw`\u00e9|\x41`,
  String.raw`(?:ab|a)(?:c|bcd)*`,
  String.raw`[\]\-a]`,
];

describe("a linear regular expression", () => {
  test("replaces as JavaScript's own does", () => {
    const pieces = [
      "a",
      "b",
      "c",
      "fo",
      "A",
      " ",
      "\t",
      "\n",
      "\u2028",
      "\u00a0",
      "\u00e9",
      "-",
      "]",
      ",",
      "12",
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
    const flags = fc.subarray(["g", "i", "m", "s"]).map((some) => some.join(""));
    fc.assert(
      fc.property(text, fc.constantFrom(...sources), flags, (input, source, flagText) => {
        fc.pre(!flagText.includes("m") || !input.includes("\u2028")); // a line ends at \n, and nowhere else
        const instead = "[$&|$1|$$]";
        const regex = compileLinear(source, flagText);
        const native = new RegExp(source, flagText);
        const wanted = input.replace(
          native,
          (whole: string, one: string | number | undefined) =>
            `[${whole}|${typeof one === "number" ? "$1" : (one ?? "")}|$]`,
        );
        assert.equal(replaceMatches(input, regex, parseTemplate(instead)), wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test("fills in named groups", () => {
    const regex = compileLinear("(?<year>\\d{4})-(?<month>\\d\\d)", "g");
    assert.equal(replaceMatches("2024-05", regex, parseTemplate("$<month>/$<year>$<no>")), "05/2024");
  });

  for (const source of ["(a+)+$", "(a|a)*$", "(\\w+\\s?)*$", "((a*)*)*b", "(.*,){20}x"]) {
    test(`${source} does not stall on a text made for it`, () => {
      const startedMs = performance.now();
      compileLinear(source, "").test(`${"a".repeat(50_000)}!`);
      assert.ok(performance.now() - startedMs < 2_000);
    });
  }

  test("refuses what cannot be done in linear time", () => {
    for (const source of ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?<x>a)\\k<x>"]) {
      assert.throws(() => compileLinear(source, ""), SyntaxError, source);
    }
  });

  test("takes a lone surrogate for a character", () => {
    assert.ok(compileLinear("^a.b$", "").test("a\udc80b"));
  });
});
