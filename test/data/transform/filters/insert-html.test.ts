import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseTagMark } from "../../../../src/config/tag-mark.ts";
import { charsetOf } from "../../../../src/data/transform/filters/charset.ts";
import { insertHtml } from "../../../../src/data/transform/filters/insert-html.ts";
import { cuts, textThrough, through } from "./chunked.ts";

const html = "<script src=/rum.js></script>";

function insert(side: "before" | "after", tag: string, label = "utf-8") {
  const [mark, charset] = [parseTagMark(tag), charsetOf(label)];
  assert.ok(mark && charset);
  return insertHtml({ side, mark, charset, html: charset.encode(html) ?? new Uint8Array() });
}

/** `|` marks the place. */
const pages: readonly (readonly ["before" | "after", string, string])[] = [
  ["before", "</body>", "<html><body>é|</body></html>"],
  ["before", "</body>", "a|</BODY ></body>"],
  ["before", "</body>", "<script>'</body>'</script>|</body>"],
  ["before", "</body>", "<style></body></style><!-- </body> --><a title='</body>'>|</body\n>"],
  ["before", "</body>", "<title></body></title><textarea></body></textarea>|</body>"],
  ["before", "</body>", "no end|"],
  ["before", "</body>", "<p>never closed <a href='|"],
  ["before", "</body>", "</bodyx></bod>|"],
  ["before", "</head>", "<head>|</head><body></head>"],
  ["after", "<head>", "<html><head lang='>'>|<title>"],
  ["after", "<head>", "<header><head>|</head><head>"],
  ["after", "</head>", "</head  >|</head>"],
  ["before", "<body>", "<html>|<body class=a>"],
];

describe("insertHtml", () => {
  for (const [side, tag, page] of pages) {
    test(`${side} ${tag} in ${JSON.stringify(page)}`, () => {
      const body = page.replace("|", "");
      const wanted = page.replace("|", () => html);
      fc.assert(
        fc.property(cuts, (lengths) => {
          assert.equal(textThrough(insert(side, tag), body, lengths), wanted);
          for (const label of ["utf-16le", "utf-16be", "windows-1252"]) {
            const charset = charsetOf(label);
            const [input, output] = [charset?.encode(body), charset?.encode(wanted)];
            if (!input || !output) continue;
            assert.deepEqual(
              Buffer.from(through(insert(side, tag, label), input, lengths)),
              Buffer.from(output),
            );
          }
        }),
        { numRuns: 30 },
      );
    });
  }

  test("changes no other byte, whatever the page is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), cuts, (page, lengths) => {
        const out = Buffer.from(through(insert("before", "</body>"), page, lengths));
        assert.equal(out.toString("latin1").replace(html, ""), Buffer.from(page).toString("latin1"));
      }),
      { numRuns: 200 },
    );
  });
});
