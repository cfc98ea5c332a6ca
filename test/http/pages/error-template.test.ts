import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { pageFor } from "../../../src/http/pages/error-pages.ts";
import {
  errorVariables,
  fillErrorTemplate,
  parseErrorTemplate,
  unknownVariables,
} from "../../../src/http/pages/error-template.ts";

const facts = {
  status: 404,
  reason: "Not Found",
  title: "There is nothing at this address",
  advice: "Start again.",
  requestId: "id-1",
  host: "shop.example",
  path: "/a",
};

describe("A page of the site's own", () => {
  test("shows every variable, with or without spaces around its name", () => {
    const page = `<p>${errorVariables.map((name) => `{{${name}}}|{{ ${name} }}`).join("|")}</p>`;
    const twice = (text: string): string => `${text}|${text}`;
    assert.equal(
      fillErrorTemplate(parseErrorTemplate(page), facts),
      `<p>${["404", "Not Found", facts.title, "id-1", "shop.example", "/a"].map(twice).join("|")}</p>`,
    );
  });

  test("says in its message why, where there is more to say", () => {
    const page = parseErrorTemplate("{{message}}");
    assert.equal(fillErrorTemplate(page, { ...facts, detail: "rate limit" }), `${facts.title}: rate limit`);
  });

  test("is told of placeholders that are no variable, and leaves them as they are", () => {
    const page = "{{status}} {{ stats }} {{}} {{a b}} { {x} } {{host}}";
    assert.deepEqual(unknownVariables(page), ["{{ stats }}", "{{}}", "{{a b}}"]);
    assert.equal(
      fillErrorTemplate(parseErrorTemplate(page), facts),
      "404 {{ stats }} {{}} {{a b}} { {x} } shop.example",
    );
  });

  test("never lets a client's text become markup or another variable", () => {
    const page = parseErrorTemplate(`<a title="{{path}}">{{host}}</a>`);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (noise) => {
        const filled = fillErrorTemplate(page, {
          ...facts,
          path: `"><script>{{requestId}}${noise}`,
          host: `<b>${noise}`,
        });
        assert.equal(filled.split("<").length, 3);
        assert.equal(filled.split('"').length, 3);
        assert.equal(filled.includes("id-1"), noise.includes("id-1"));
      }),
      { numRuns: 200 },
    );
  });

  test("that has no placeholder stays byte for byte", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("{{"));
        assert.equal(fillErrorTemplate(parseErrorTemplate(text), facts), text);
      }),
    );
  });
});

describe("The page for a status", () => {
  const pages = new Map(["404", "4xx", "default"].map((key) => [key, parseErrorTemplate(key)]));
  for (const [status, key] of [
    [404, "404"],
    [403, "4xx"],
    [503, "default"],
  ] as const) {
    test(`${status} is that of ${key}`, () => assert.equal(pageFor(pages, status), pages.get(key)));
  }

  test("is the built-in one where nothing fits", () => {
    assert.equal(pageFor(new Map([["5xx", parseErrorTemplate("")]]), 404), undefined);
  });
});
