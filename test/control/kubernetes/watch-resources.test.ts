import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { findAccess } from "../../../src/control/kubernetes/find-access.ts";
import { openKubernetesApi } from "../../../src/control/kubernetes/api.ts";
import { type WatchOptions, watchResources } from "../../../src/control/kubernetes/watch-resources.ts";
import { host } from "../../../src/runtime/current.ts";
import { eventually } from "../../kit/eventually.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../kit/kubernetes-api.ts";
import type { Teardown } from "../../kit/teardown.ts";

const slices = "/apis/discovery.k8s.io/v1/endpointslices";
const inShop = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";

function slice(name: string, more: object = {}) {
  return { metadata: { name, namespace: "shop", labels: { app: "a" } }, endpoints: [], ...more };
}

interface Watched {
  /** The names of all objects, as last told. */
  readonly names: () => string[];
  readonly tellings: () => number;
  readonly errors: string[];
  readonly confirms: () => number;
}

async function watch(
  t: Teardown,
  server: KubernetesApiServer,
  options: Partial<WatchOptions> = {},
): Promise<Watched> {
  const access = await findAccess({ env: { HEADGATE_KUBERNETES_URL: server.url } });
  const api = openKubernetesApi({ host, access, timeoutMs: 2_000 });
  const told: string[][] = [];
  const errors: string[] = [];
  let confirms = 0;
  const watching = watchResources({
    api,
    host,
    path: inShop,
    onChange: (objects) => void told.push(objects.map(({ metadata }) => metadata.name).toSorted()),
    onError: ({ message }) => void errors.push(message),
    onConfirm: () => void (confirms += 1),
    ...options,
  });
  t.after(() => {
    watching.stop();
    api.close();
  });
  return { names: () => told.at(-1) ?? [], tellings: () => told.length, errors, confirms: () => confirms };
}

function listsIn({ requests }: KubernetesApiServer): number {
  return requests.filter((request) => !request.includes("watch=true")).length;
}

describe("a watch", () => {
  test("lists page by page, and follows what happens from there", async (t) => {
    const server = await startKubernetesApi(t);
    for (let index = 0; index < 1201; index++) server.put(slices, slice(`s${index}`));
    server.put(slices, { ...slice("other"), metadata: { name: "other", namespace: "else" } });
    const seen = await watch(t, server);
    await eventually(() => assert.equal(seen.names().length, 1201));
    assert.equal(listsIn(server), 3);
    assert.equal(seen.tellings(), 1, "a part is never told for the whole");
    await eventually(() => server.watches() === 1);
    server.put(slices, slice("new"));
    await eventually(() => seen.names().includes("new"));
    server.remove(slices, "shop/new");
    await eventually(() => !seen.names().includes("new"));
    assert.equal(listsIn(server), 3);
    assert.deepEqual(seen.errors, []);
  });

  test("asks for the labels that are wanted", async (t) => {
    const server = await startKubernetesApi(t);
    server.put(slices, slice("mine"));
    server.put(slices, { metadata: { name: "theirs", namespace: "shop", labels: { app: "b" } } });
    const seen = await watch(t, server, { labelSelector: "app=a" });
    await eventually(() => assert.deepEqual(seen.names(), ["mine"]));
    await eventually(() => server.watches() === 1);
    server.put(slices, { metadata: { name: "theirs-too", namespace: "shop", labels: { app: "b" } } });
    server.put(slices, slice("mine-too"));
    await eventually(() => assert.deepEqual(seen.names(), ["mine", "mine-too"]));
  });

  for (const how of ["properly", "mid-line"] as const) {
    test(`that ends ${how} goes on where it was, without a new list`, async (t) => {
      const server = await startKubernetesApi(t);
      server.put(slices, slice("a"));
      const seen = await watch(t, server);
      await eventually(() => server.watches() === 1);
      server.endWatches(how);
      server.put(slices, slice("b"));
      await eventually(() => assert.deepEqual(seen.names(), ["a", "b"]));
      assert.equal(listsIn(server), 1);
    });
  }

  for (const goneAs of ["status", "event"] as const) {
    test(`whose version is too old (as ${goneAs}) lists anew, and drops what has gone meanwhile`, async (t) => {
      const server = await startKubernetesApi(t);
      server.goneAs = goneAs;
      server.put(slices, slice("a"));
      const seen = await watch(t, server);
      await eventually(() => server.watches() === 1);
      server.endWatches("properly");
      server.remove(slices, "shop/a");
      server.put(slices, slice("b"));
      server.compact();
      await eventually(() => assert.deepEqual(seen.names(), ["b"]));
      assert.deepEqual(seen.errors, [], "nobody need hear of that");
    });
  }

  test("that is told 410 while it runs lists anew", async (t) => {
    const server = await startKubernetesApi(t);
    const seen = await watch(t, server);
    await eventually(() => server.watches() === 1);
    server.endWatches("gone");
    server.put(slices, slice("b"));
    await eventually(() => assert.deepEqual(seen.names(), ["b"]));
    assert.equal(listsIn(server), 2);
  });

  test("goes on from the last bookmark", async (t) => {
    const server = await startKubernetesApi(t);
    server.put(slices, slice("a"));
    const seen = await watch(t, server);
    await eventually(() => server.watches() === 1);
    for (let index = 0; index < 5; index++)
      server.put(slices, { metadata: { name: `x${index}`, namespace: "else" } });
    server.compact();
    const confirms = seen.confirms();
    server.bookmark();
    await eventually(() => seen.confirms() > confirms);
    server.endWatches("properly");
    server.put(slices, slice("b"));
    await eventually(() => assert.deepEqual(seen.names(), ["a", "b"]));
    assert.equal(listsIn(server), 1);
  });

  test("begins its list anew where a next page has expired", async (t) => {
    const server = await startKubernetesApi(t);
    for (let index = 0; index < 600; index++) server.put(slices, slice(`s${index}`));
    server.answerNext(undefined, { status: 410, body: "{}" });
    const seen = await watch(t, server);
    await eventually(() => assert.equal(seen.names().length, 600));
    assert.equal(listsIn(server), 4);
  });

  test("keeps what it knows while the API server is away, says why once a try, and heals", async (t) => {
    const server = await startKubernetesApi(t);
    server.put(slices, slice("a"));
    const seen = await watch(t, server);
    await eventually(() => server.watches() === 1);
    await server.stop();
    await eventually(() => seen.errors.length > 1);
    assert.deepEqual(seen.names(), ["a"]);
    server.put(slices, slice("b"));
    await server.start();
    await eventually(() => assert.deepEqual(seen.names(), ["a", "b"]));
  });

  test("that goes quiet is begun anew: its connection may be dead", async (t) => {
    const server = await startKubernetesApi(t);
    const seen = await watch(t, server, { quietMs: 100 });
    const watchesIn = () => server.requests.filter((request) => request.includes("watch=true")).length;
    await eventually(() => watchesIn() > 2);
    assert.equal(listsIn(server), 1);
    assert.deepEqual(seen.errors, []);
  });

  const hostile: Readonly<Record<string, string>> = {
    "no JSON": "}{\n",
    "an unknown event": '{"type":"SURPRISE","object":{"metadata":{"name":"x"}}}\n',
    "null for an event": "null\n",
    "an error without words": '{"type":"ERROR","object":null}\n',
  };
  for (const [what, text] of Object.entries(hostile)) {
    test(`that sends ${what} is begun anew, and what was known stays`, async (t) => {
      const server = await startKubernetesApi(t);
      server.put(slices, slice("a"));
      const seen = await watch(t, server);
      await eventually(() => server.watches() === 1);
      server.sendRaw(text);
      await eventually(() => seen.errors.length === 1);
      assert.deepEqual(seen.names(), ["a"]);
      server.put(slices, slice("b"));
      await eventually(() => assert.deepEqual(seen.names(), ["a", "b"]));
    });
  }

  test("passes over objects that have no name", async (t) => {
    const server = await startKubernetesApi(t);
    const seen = await watch(t, server);
    await eventually(() => server.watches() === 1);
    for (const object of [
      "null",
      "{}",
      '{"metadata":null}',
      '{"metadata":{"name":7}}',
      '{"metadata":{"name":""}}',
    ])
      server.sendRaw(`{"type":"ADDED","object":${object}}\n`);
    server.put(slices, slice("b"));
    await eventually(() => assert.deepEqual(seen.names(), ["b"]));
    assert.deepEqual(seen.errors, []);
  });

  test("does not take what is no list", async (t) => {
    const server = await startKubernetesApi(t);
    const bodies = ["null", "[]", '{"items":7}', '{"items":{}}', "7"];
    server.answerNext(...bodies.slice(2, 4).map((body) => ({ status: 200, body })));
    server.put(slices, slice("a"));
    const seen = await watch(t, server);
    await eventually(() => assert.deepEqual(seen.names(), ["a"]));
    assert.equal(seen.errors.length, 2);
    assert.match(seen.errors[0] ?? "", /the answer is no list/);
  });
});
