import assert from "node:assert/strict";
import { test } from "node:test";
import { describeCluster } from "../../src/cli/describe-cluster.ts";

test("a node says nothing of a cluster that it has not, and who is there of one that it has", () => {
  assert.equal(describeCluster(null), "");
  const cluster = { node: "a", connected: true, error: null, nodes: [] };
  assert.equal(describeCluster(cluster), "node a with nobody else\n");
  assert.equal(
    describeCluster({ ...cluster, connected: false, error: "connection refused" }),
    "node a goes on alone: the store cannot be used: connection refused\n",
  );
});
