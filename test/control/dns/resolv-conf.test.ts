import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { addressesInHosts } from "../../../src/control/dns/hosts-file.ts";
import { namesToTry, parseResolvConf } from "../../../src/control/dns/resolv-conf.ts";

describe("/etc/resolv.conf", () => {
  test("says whom to ask, where short names lie, and which are short", () => {
    const conf = parseResolvConf(`# made by a cluster
nameserver 10.96.0.10
search shop.svc.cluster.local svc.cluster.local cluster.local
options timeout:1 ndots:5
nameserver fd00::10 # by IPv6
`);
    assert.deepEqual(conf, {
      servers: [
        { address: "10.96.0.10", port: 53 },
        { address: "fd00::10", port: 53 },
      ],
      search: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"],
      ndots: 5,
    });
  });

  test("that is empty or broken means this machine, as the manual has it", () => {
    const conf = parseResolvConf("nameserver dns.example\nnameserver\noptions ndots:x\n;search a\n");
    assert.deepEqual(conf, { servers: [{ address: "127.0.0.1", port: 53 }], search: [], ndots: 1 });
    assert.equal(parseResolvConf("nameserver 1.1.1.1\n".repeat(9)).servers.length, 3);
  });

  test("lets a short name be looked for in its domains first, and a long one as it is", () => {
    const conf = { search: ["a.test", "b.test."], ndots: 2 };
    assert.deepEqual(namesToTry("app", conf), ["app.a.test", "app.b.test", "app"]);
    assert.deepEqual(namesToTry("app.shop.svc", conf), [
      "app.shop.svc",
      "app.shop.svc.a.test",
      "app.shop.svc.b.test",
    ]);
    assert.deepEqual(namesToTry("app.", conf), ["app"]);
  });
});

test("/etc/hosts gives the addresses of a name, whatever its case", () => {
  const text =
    "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.1\tdb DB.internal # 10.0.0.2 web\n#10.0.0.3 web\n";
  assert.deepEqual(addressesInHosts(text, "localhost"), { A: ["127.0.0.1"], AAAA: ["::1"] });
  assert.deepEqual(addressesInHosts(text, "db.INTERNAL."), { A: ["10.0.0.1"], AAAA: [] });
  assert.deepEqual(addressesInHosts(text, "web"), { A: [], AAAA: [] });
});
