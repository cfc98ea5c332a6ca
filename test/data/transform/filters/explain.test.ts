import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram, writeConfig } from "../../../kit/start-proxy.ts";

test("headgate explain lists the filters of a route in order, with what they do to the request", async (t) => {
  const request = [
    { setHeader: { authorization: "a secret" } },
    { removeHeader: ["cookie", "x-absent"] },
    { removeQuery: "utm" },
    { block: { in: "query", find: "evil" } },
  ];
  const response = [{ removeHeader: "server" }, { insertHtml: { before: "</body>", html: "x" } }];
  const configFile = await writeConfig(t, {
    upstreams: { app: { servers: ["http://127.0.0.1:1"] } },
    routes: [{ path: "/*", upstream: "app", filters: { request, response } }],
  });
  const explain = async (url: string): Promise<string> => {
    const program = runProgram(t, [
      "explain",
      "-c",
      configFile,
      "-H",
      "Cookie: a=another secret",
      "GET",
      url,
    ]);
    assert.equal(await program.exited, 0, program.logs());
    return program.output();
  };
  const said = await explain("/a?utm=1&b=2");
  const effects = [...said.matchAll(/^request +(.*)$/gm)].map(([, effect]) => effect);
  assert.deepEqual(effects, [
    "setHeader authorization: adds authorization",
    "removeHeader cookie x-absent: removes cookie",
    "removeQuery utm: changes the target",
    "block query evil: leaves this request as it is",
  ]);
  assert.match(said, /sent as\s+\/a\?b=2\n/);
  assert.match(said, /removeHeader server\n[\s\S]*insertHtml <\/body>\n/);
  assert.doesNotMatch(said, /secret/);
  assert.match(await explain("/?q=evil"), /block query evil: refuses this request with 403/);
});
