import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseTarget } from "../../src/http/canonical-path.ts";

describe("parseTarget", () => {
  const forms: [raw: string, path: string, matchPath: string][] = [
    ["/", "/", "/"],
    ["/a/b.html", "/a/b.html", "/a/b.html"],
    ["/.well-known/x", "/.well-known/x", "/.well-known/x"],
    ["/a/./b/../c", "/a/c", "/a/c"],
    ["/a/b/..", "/a/", "/a/"],
    ["/a/.", "/a/", "/a/"],
    ["/../../etc/passwd", "/etc/passwd", "/etc/passwd"],
    ["/a/%2e%2E/b", "/b", "/b"],
    ["/a/.%2e/b", "/b", "/b"],
    ["/%61dmin", "/admin", "/admin"],
    ["/%7euser/%41%2d%5f", "/~user/A-_", "/~user/A-_"],
    ["/a\\..\\admin", "/admin", "/admin"],
    ["/\\evil.test/x", "/evil.test/x", "/evil.test/x"],
    ["//admin/x", "/admin/x", "/admin/x"],
    ["/////x", "/x", "/x"],
    ["/.//x", "/x", "/x"],
    ["/a//b", "/a//b", "/a/b"],
    ["/a//../b", "/a/b", "/a/b"],
    ["/group%2fproject", "/group%2Fproject", "/group/project"],
    ["/group%5cproject", "/group%5Cproject", "/group/project"],
    ["/%2Fadmin", "/%2Fadmin", "/admin"],
    ["/a%252e%252e%252fb", "/a%252e%252e%252fb", "/a%252e%252e%252fb"],
    ["/\u00e9", "/%C3%A9", "/%C3%A9"],
    ["/\u4e2d", "/%E4%B8%AD", "/%E4%B8%AD"],
    ["/a b\"<>`{}^'", "/a%20b%22%3C%3E%60%7B%7D%5E'", "/a%20b%22%3C%3E%60%7B%7D%5E'"],
    ["/a;v=1/b", "/a;v=1/b", "/a;v=1/b"],
    ["/...;x/..a", "/...;x/..a", "/...;x/..a"],
    ["/a[0]|b", "/a[0]|b", "/a[0]|b"],
    ["/a%c3%a9", "/a%C3%A9", "/a%C3%A9"],
    ["/%40fs/x", "/%40fs/x", "/@fs/x"],
    ["/%5b0%5D%7c", "/%5B0%5D%7C", "/[0]|"],
    ["/%21%24%26%27%28%29%2a%2b%2c%3b%3d%3a", "/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A", "/!$&'()*+,;=:"],
    ["/%2540fs", "/%2540fs", "/%2540fs"],
  ];
  for (const [raw, path, matchPath] of forms) {
    test(`sends ${JSON.stringify(raw)} as ${path} and matches ${matchPath}`, () => {
      assert.deepEqual(parseTarget(raw), { path, matchPath, query: "" });
    });
  }

  const refused = [
    "",
    "*",
    "foo",
    "?x",
    "@evil/",
    "http://169.254.169.254/",
    "/a#b",
    "/a?b#c",
    "/#",
    "/a%00b",
    "/a\u0000b",
    "/a\r\nb",
    "/a?b\r\nc",
    "/a\u007f",
    "/a\tb",
    "/a%zz",
    "/a%",
    "/a%2",
    "/a?\u0000",
    "/a/..%2fadmin",
    "/a%2f..%2fadmin",
    "/a/..%5cadmin",
    "/a%5C..",
    "/a%2f.",
    "/%2e%2e%2fadmin",
    "/a/..;/admin",
    "/a/.;x",
    "/..;x=1/admin",
    "/%2e%2e;/admin",
    "/a/..%3b/admin",
    "/\ud800",
  ];
  for (const raw of refused) {
    test(`refuses ${JSON.stringify(raw)}`, () => assert.equal(parseTarget(raw), undefined));
  }

  const queries: [raw: string, query: string][] = [
    ["?", "?"],
    ["?a=1&b=%2F%zz%00", "?a=1&b=%2F%zz%00"],
    ["?a=/../b?c\\d", "?a=/../b?c\\d"],
    ["?q=a b'\"<>", "?q=a%20b%27%22%3C%3E"],
    ["?\u00e9", "?%C3%A9"],
  ];
  for (const [raw, query] of queries) {
    test(`sends the query ${JSON.stringify(raw)} as ${query}`, () =>
      assert.equal(parseTarget(`/x${raw}`)?.query, query));
  }
});

describe("laws of parseTarget", () => {
  const piece = fc.constantFrom(
    "/",
    "//",
    "\\",
    ".",
    "..",
    "%2e",
    "%2E",
    "%2f",
    "%2F",
    "%5c",
    "%25",
    ";",
    "?",
    "%41",
    "%c3",
    "a",
    "B",
    "~",
    "'",
    '"',
    " ",
    "|",
    "^",
    "\u00e9",
    "\u4e2d",
    "%",
    "#",
    "%00",
    "%3b",
    "*",
    ":",
    "@",
    "[",
    "%20",
  );
  const raw = fc.oneof(
    fc.array(piece, { maxLength: 14 }).map((pieces) => `/${pieces.join("")}`),
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => `/${text}`),
  );

  test("a canonical target is its own canonical form", () => {
    fc.assert(
      fc.property(raw, (text) => {
        const target = parseTarget(text);
        if (target) assert.deepEqual(parseTarget(target.path + target.query), target);
      }),
      { numRuns: 300 },
    );
  });

  test("URL parsing leaves path and query as they are: what was checked is what is sent", () => {
    fc.assert(
      fc.property(raw, (text) => {
        const target = parseTarget(text);
        if (!target) return;
        const url = new URL(`http://server.test${target.path}${target.query}`);
        assert.equal(url.host, "server.test");
        assert.equal(url.pathname, target.path);
        assert.equal(url.search, target.query === "?" ? "" : target.query);
      }),
      { numRuns: 300 },
    );
  });

  test("no dot segment, double slash or encoded slash is left for rules to miss", () => {
    fc.assert(
      fc.property(raw, (text) => {
        const target = parseTarget(text);
        if (!target) return;
        assert.doesNotMatch(target.path, /\/\.\.?(?:\/|$)|^\/\/|[^!-~]/);
        assert.doesNotMatch(target.matchPath, /\/\.\.?(?:[/;]|$)|\/\/|\\|%2f|%5c|[^!-~]/i);
      }),
      { numRuns: 300 },
    );
  });

  test("path and matchPath differ only by encoded delimiters and doubled slashes", () => {
    fc.assert(
      fc.property(raw, (text) => {
        const target = parseTarget(text);
        if (target && !/%[2-7]|\/\//.test(target.path)) assert.equal(target.matchPath, target.path);
      }),
      { numRuns: 300 },
    );
  });
});
