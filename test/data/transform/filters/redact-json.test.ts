import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { charsetOf } from "../../../../src/data/transform/filters/charset.ts";
import { redactJson } from "../../../../src/data/transform/filters/redact-json.ts";
import { cuts, textThrough, through } from "./chunked.ts";

const keys = ["password", "user.ssn", "a.b.c"];

function redact(text: string, lengths?: readonly number[]): string {
  return textThrough(redactJson({ keys, with: "***" }), text, lengths);
}

/** What redaction means, said over a parsed value. */
function redactValue(value: unknown, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => redactValue(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const here = [...path, key];
      const isMeant = keys.includes(key) || (here.length > 1 && keys.includes(here.join(".")));
      return [key, isMeant ? "***" : redactValue(inner, here)];
    }),
  );
}

const name = fc.constantFrom("password", "user", "ssn", "a", "b", "c", "x", 'é"\\', "\n");
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(name, tie("value")), { maxLength: 5, selector: ([key]) => key })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

describe("redactJson", () => {
  test("is the redaction of the parsed value, however the bytes arrive", () => {
    fc.assert(
      fc.property(anyValue, cuts, fc.constantFrom(undefined, 2, "\t"), (value, lengths, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const redacted = redact(text, lengths);
        assert.equal(redacted, redact(text));
        assert.deepEqual(JSON.parse(redacted), JSON.parse(JSON.stringify(redactValue(JSON.parse(text)))));
      }),
      { numRuns: 300 },
    );
  });

  test("gives the same for every cut of any text, and leaves what has no such key alone", () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('{}[]:,"\\ueE0123.-+ truefalsnl\n\t')),
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, cuts, (input, lengths) => assert.equal(redact(input, lengths), input)),
      { numRuns: 500 },
    );
  });

  const kept: readonly (readonly [what: string, text: string, wanted: string])[] = [
    [
      "numbers that JavaScript cannot hold",
      '{"id":123456789012345678901234567890,"password":1e999}',
      '{"id":123456789012345678901234567890,"password":"***"}',
    ],
    [
      "spacing",
      ' { "b" : 1 ,\n\t"password" : "x" , "c":[ ] } ',
      ' { "b" : 1 ,\n\t"password" : "***" , "c":[ ] } ',
    ],
    ["escapes", '{"\\u0061":"\\u00e9\\/","password":""}', '{"\\u0061":"\\u00e9\\/","password":"***"}'],
    ["keys that are given twice", '{"password":1,"password":[2]}', '{"password":"***","password":"***"}'],
  ];
  for (const [what, text, wanted] of kept) {
    test(`keeps ${what}`, () => assert.equal(redact(text), wanted));
  }

  test("knows a key that is written with escapes", () => {
    assert.equal(redact('{"p\\u0061ssword":"x"}'), '{"p\\u0061ssword":"***"}');
  });

  test("hides objects and lists whole", () => {
    assert.equal(redact('[{"password":{"password":[1,{"x":2}]},"y":3}]'), '[{"password":"***","y":3}]');
  });

  test("finds a path from the root and through lists, and nowhere else", () => {
    assert.equal(
      redact('{"user":{"ssn":1},"x":{"user":{"ssn":2}}}'),
      '{"user":{"ssn":"***"},"x":{"user":{"ssn":2}}}',
    );
    assert.equal(redact('[{"user":[[{"ssn":1}]]}]'), '[{"user":[[{"ssn":"***"}]]}]');
    assert.equal(
      redact('{"ssn":1,"a":{"c":1,"b":{"c":2,"d":{"c":3}}}}'),
      '{"ssn":1,"a":{"c":1,"b":{"c":"***","d":{"c":3}}}}',
    );
  });

  test("takes each line of NDJSON for a root", () => {
    assert.equal(
      redact('{"password":1}\n{"user":{"ssn":2}}\n'),
      '{"password":"***"}\n{"user":{"ssn":"***"}}\n',
    );
  });

  const faults = [
    '{"password":"x", oops "password":"y"}',
    '{"password":"x" "password":"y"}',
    '{"password":"x",}{"password":"y"}',
    '[01,{"password":"y"}]',
    '["\\x",{"password":"y"}]',
    '{"password":"x"]{"password":"y"}',
  ];
  for (const text of faults) {
    test(`passes ${text} unchanged from the fault on`, () => {
      fc.assert(
        fc.property(cuts, (lengths) => assert.equal(redact(text, lengths), text.replace('"x"', '"***"'))),
        { numRuns: 20 },
      );
    });
  }

  test("passes the rest of a hidden value from the fault on", () => {
    assert.equal(redact('{"password":[1,oops],"a":2}'), '{"password":"***"oops],"a":2}');
  });

  test("holds back nothing but the hidden value", () => {
    const filter = redactJson({ keys, with: "***" });
    const write = (text: string): string => {
      const out = filter.write(new TextEncoder().encode(text));
      return (out instanceof Uint8Array ? [out] : out)
        .map((piece) => new TextDecoder().decode(piece))
        .join("");
    };
    assert.equal(write('{"no'), '{"no');
    assert.equal(write('te":"long te'), 'te":"long te');
    assert.equal(write('xt","password"'), 'xt","password"');
    assert.equal(write(": 12"), ': "***"');
    assert.equal(write("34"), "");
    assert.equal(write(" }"), " }");
  });
});

describe("redactJson in other charsets", () => {
  const json = '\ufeff{"password": "é", "mot_clé":["x","😀"], "user":{"ssn":1,"é":"\\u00e9"}}';
  const hidden = '\ufeff{"password": "***", "mot_clé":"***", "user":{"ssn":"***","é":"\\u00e9"}}';
  const redaction = { keys: ["password", "mot_clé", "user.ssn"], with: "***" };

  for (const label of ["utf-16le", "utf-16be", "utf-8"]) {
    for (const mark of ["", "\ufeff"]) {
      test(`works on ${label} ${mark ? "with" : "without"} a byte order mark, whatever the label says`, () => {
        const charset = charsetOf(label);
        const bytesOf = (text: string) => charset?.encode(mark + text.slice(1)) ?? new Uint8Array();
        fc.assert(
          fc.property(cuts, fc.constantFrom(null, "application/json; charset=utf-16"), (lengths, type) => {
            const out = through(redactJson(redaction, type), bytesOf(json), lengths);
            assert.deepEqual(Buffer.from(out), Buffer.from(bytesOf(hidden)));
          }),
        );
      });
    }
  }

  test("finds keys of one byte a character by the label, and escapes what the charset lacks", () => {
    const bytes = Buffer.from('{"mot_cl\xe9":1,"x":"\xe9\xff"}', "latin1");
    const filter = redactJson({ keys: ["mot_clé"], with: "é☺" }, "application/json; charset=iso-8859-1");
    assert.equal(
      Buffer.from(through(filter, bytes, [5])).toString("latin1"),
      '{"mot_cl\xe9":"\\u00e9\\u263a","x":"\xe9\xff"}',
    );
  });

  test("takes a label that nobody knows for UTF-8", () => {
    const filter = redactJson(redaction, "application/json; charset=nonsense");
    assert.equal(textThrough(filter, '{"mot_clé":1}'), '{"mot_clé":"***"}');
  });

  test("passes UTF-16 that is no text unchanged from there on", () => {
    const bytes = Buffer.from('{"a":"\ud800","password":1}', "utf16le");
    assert.deepEqual(Buffer.from(through(redactJson(redaction), bytes)), bytes);
  });

  test("loses nothing of what is too short to be JSON", () => {
    for (const bytes of [[], [0x31], [0x00], [0xff]])
      assert.deepEqual([...through(redactJson(redaction), Uint8Array.from(bytes))], bytes);
  });
});
