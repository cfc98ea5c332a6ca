import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policies, type PolicyName } from "../../../../src/data/balance/policies.ts";
import type { Distribution } from "../../../../src/data/balance/simulate/distribution.ts";
import {
  coldServer,
  failingServer,
  healthyServer,
  type ServerModel,
  slowServer,
} from "../../../../src/data/balance/simulate/server-model.ts";
import { simulate, type SimulationOptions } from "../../../../src/data/balance/simulate/simulate.ts";
import {
  createPoissonWorkload,
  createRecordedWorkload,
} from "../../../../src/data/balance/simulate/workload.ts";

const names = Object.keys(policies) as PolicyName[];
const service: Distribution = { kind: "lognormal", medianMs: 20, sigma: 0.6 };

function run(servers: ServerModel[], balance: PolicyName, changes: Partial<SimulationOptions> = {}) {
  const workload = createPoissonWorkload({ requestsPerSecond: servers.length * 150, clients: 5000, seed: 3 });
  return simulate({ servers, balance, workload, requests: 20_000, seed: 1, ...changes });
}

const ten = (...special: ServerModel[]) => [
  ...special,
  ...Array.from({ length: 10 - special.length }, () => healthyServer(service, 8)),
];

for (const name of names) {
  describe(`a simulation of ${name}`, () => {
    test("gives the same for the same seed, and something else for another", () => {
      const [one, same, other] = [1, 1, 2].map((seed) => run(ten(), name, { seed }));
      assert.deepEqual(one, same);
      assert.notDeepEqual(one?.responseTimeMs, other?.responseTimeMs);
    });

    test("loses no request", () => {
      const result = run(ten(failingServer(service)), name);
      assert.equal(result.responseTimes.count + result.errors, 20_000);
      assert.ok(result.attempts >= 20_000);
    });

    test("spreads requests evenly over equal servers", () => {
      assert.ok(run(ten(), name).evenness.jain > 0.99);
    });
  });
}

test("a server that is constant and has room answers in its service time", () => {
  const servers = [1, 2].map(() => healthyServer({ kind: "constant", ms: 10 }, 100));
  const { responseTimeMs } = run(servers, "random");
  assert.ok(Math.abs(responseTimeMs!.p50 - 10) < 0.2 && Math.abs(responseTimeMs!.p99 - 10) < 0.2);
});

test("one server with one slot waits as the theory of queues says (M/M/1)", () => {
  const servers = [healthyServer({ kind: "exponential", meanMs: 10 }, 1)];
  const workload = createPoissonWorkload({ requestsPerSecond: 50, clients: 1, seed: 5 });
  const result = run(servers, "random", { workload, requests: 200_000 });
  const meanMs = result.responseTimeMs!.sumMs / result.responseTimeMs!.count;
  assert.ok(Math.abs(meanMs - 20) < 0.6, `the mean is ${meanMs}`); // 1 / (1/10 - 1/20)
});

test("two choices beat one: their tail is shorter at high load", () => {
  const p99 = (name: PolicyName) => {
    const workload = createPoissonWorkload({ requestsPerSecond: 10 * 300, clients: 5000, seed: 3 });
    return run(ten(), name, { workload }).responseTimeMs!.p99;
  };
  assert.ok(p99("power-of-two") < p99("random"));
});

test("policies that look at the servers keep away from a slow one; those that do not drown it", () => {
  const p99 = (name: PolicyName) => run(ten(slowServer(service, 8)), name).responseTimeMs!.p99;
  for (const name of ["least-connections", "power-of-two", "response-time", "reported-load"] as const) {
    assert.ok(p99(name) * 3 < p99("round-robin"), name);
  }
});

test("by response time a server that fails fast does not draw traffic", () => {
  const result = run(ten(failingServer(service)), "response-time");
  assert.ok(result.attemptsByServer[0]! < result.attempts / 20);
});

test("failures are retried on another server, and come through without retries", () => {
  const servers = ten(failingServer(service));
  assert.equal(run(servers, "round-robin").errors, 0);
  const bare = run(servers, "round-robin", { retries: 0 });
  assert.ok(Math.abs(bare.errors - 1000) < 100, `${bare.errors} errors`);
});

test("passive health takes a server that always fails out, and tries it now and then", () => {
  const passive = {
    failures: 5,
    failureRate: 0.3,
    minRequests: 20,
    windowMs: 10_000,
    ejectForMs: 1000,
    maxEjectForMs: 3000,
    maxEjectedRatio: 0.5,
  };
  const dead: ServerModel = { slots: 8, serviceMs: service, failureRatio: 1 };
  const result = run(ten(dead), "round-robin", { passive });
  const trials = result.attemptsByServer[0]! - 5;
  assert.ok(trials >= 4 && trials <= 10, `${trials} trials in ${result.elapsedMs} ms`);
  assert.equal(result.errors, 0);
});

test("a slow start spares a cold server", () => {
  const early = (slowStartMs: number) =>
    run(ten({ ...coldServer(service, 8), startsAtMs: 1000 }), "round-robin", { slowStartMs })
      .attemptsByServer[0]!;
  assert.ok(early(20_000) < early(0) / 2);
});

test("where nobody has room, requests fail at once", () => {
  const servers = [1, 2].map(() => ({
    slots: 1,
    serviceMs: { kind: "constant", ms: 1000 } as const,
    maxConnections: 1,
  }));
  const result = run(servers, "least-connections", { requests: 100 });
  assert.ok(result.errors > 90);
});

test("a recorded log is replayed in its own time, and again from its end on", () => {
  const workload = createRecordedWorkload([100, 110, 200].map((atMs) => ({ atMs, key: atMs })));
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((request) => workload.gapMs(request)),
    [0, 10, 90, 0, 10],
  );
  assert.deepEqual(
    [0, 3, 5].map((request) => workload.key(request)),
    [100, 100, 200],
  );
});
