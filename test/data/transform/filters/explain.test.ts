import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram, writeConfig } from "../../../kit/start-proxy.ts";

test("headgate explain lists the filters of a route in order, with what they do to the request", async (t) => {
  const request = [
    { setHeader: { authorization: "a secret" } },
    { removeQuery: "utm" },
    { block: { in: "query", find: "evil" } },
  ];
  const response = [{ removeHeader: "server" }, { insertHtml: { before: "</body>", html: "x" } }];
  const configFile = await writeConfig(t, {
    upstreams: { app: { servers: ["http://127.0.0.1:1"] } },
    routes: [{ path: "/*", upstream: "app", filters: { request, response } }],
  });
  const explain = async (url: string): Promise<string> => {
    const program = runProgram(t, ["explain", "-c", configFile, "GET", url]);
    assert.equal(await program.exited, 0, program.logs());
    return program.output();
  };
  const said = await explain("/a?utm=1&b=2");
  assert.match(said, /setHeader authorization\n[\s\S]*removeQuery utm\n[\s\S]*block query evil\n/);
  assert.match(said, /sent as\s+\/a\?b=2\n/);
  assert.match(said, /removeHeader server\n[\s\S]*insertHtml <\/body>\n/);
  assert.doesNotMatch(said, /a secret/);
  assert.match(await explain("/?q=evil"), /block query evil: refuses this request with 403/);
});
