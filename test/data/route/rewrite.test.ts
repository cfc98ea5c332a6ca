import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { createRewrite } from "../../../src/data/route/rewrite.ts";
import { parseTarget } from "../../../src/http/canonical-path.ts";

const segment = fc.stringMatching(/^[\w.~%?#/\\ -]{0,8}$/);

describe("A rewrite", () => {
  test("strips whole segments only", () => {
    const rewrite = createRewrite({ stripPrefix: "/images" });
    assert.equal(rewrite("/images/a", ""), "/a");
    assert.equal(rewrite("/images", "?x"), "/?x");
    assert.equal(rewrite("/imagesque", ""), "/imagesque");
  });

  test("gives no target where what comes out is no path", () => {
    assert.equal(createRewrite({ regex: { find: "^/.*", with: "evil" } })("/a", ""), undefined);
    assert.equal(createRewrite({ regex: { find: "^/.*", with: "/%00" } })("/a", ""), undefined);
  });

  test("joins a query that the rule makes with the client's", () => {
    const rewrite = createRewrite({ regex: { find: "^/item/(.*)", with: "/?id=$1" } });
    assert.equal(rewrite("/item/7", "?lang=en"), "/?id=7&lang=en");
    assert.equal(rewrite("/item/7", ""), "/?id=7");
  });

  test("gives only canonical paths, whatever it is made of", () => {
    fc.assert(
      fc.property(segment, segment, segment, (prefix, added, asked) => {
        const target = parseTarget(`/${asked}`);
        if (!target) return;
        const rewritten = createRewrite({ stripPrefix: `/${prefix}`, addPrefix: `/${added}` })(
          target.path,
          target.query,
        );
        if (rewritten === undefined) return;
        const again = parseTarget(rewritten);
        assert.equal(again && again.path + again.query, rewritten);
        assert.doesNotMatch(rewritten, /^\/\//);
      }),
      { numRuns: 300 },
    );
  });
});
