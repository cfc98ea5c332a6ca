import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { weighServices } from "../../../src/control/discovery/weigh-services.ts";

function weigh(services: readonly (readonly [priority: number, weight: number])[]): string[] {
  const records = services.map(([priority, weight]) => ({
    type: "SRV" as const,
    priority,
    weight,
    port: 1,
    target: "a",
    ttlSeconds: 1,
  }));
  return weighServices(records).map(({ weight, backup }) => (backup ? `backup ${weight}` : `${weight}`));
}

describe("services", () => {
  test("of the best priority take the requests, the others are backups", () => {
    assert.deepEqual(
      weigh([
        [20, 1],
        [10, 1],
        [10, 3],
        [30, 2],
      ]),
      ["backup 1", "1", "3", "backup 2"],
    );
  });

  test("keep weights that fit, and have larger ones brought down together", () => {
    assert.deepEqual(
      weigh([
        [0, 256],
        [0, 1],
      ]),
      ["256", "1"],
    );
    assert.deepEqual(
      weigh([
        [0, 65_535],
        [0, 32_768],
        [0, 1],
      ]),
      ["256", "128", "1"],
    );
  });

  test("of weight 0 hardly ever get a request, and never none at all", () => {
    assert.deepEqual(
      weigh([
        [0, 0],
        [0, 1],
      ]),
      ["1", "256"],
    );
    assert.deepEqual(
      weigh([
        [0, 0],
        [0, 0],
      ]),
      ["1", "1"],
    );
  });

  test("are none where there are none", () => {
    assert.deepEqual(weigh([]), []);
  });
});
