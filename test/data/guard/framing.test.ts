import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refuseFraming } from "../../../src/data/guard/framing.ts";

describe("refuseFraming", () => {
  const table: readonly (readonly [fields: Readonly<Record<string, string>>, status: number | undefined])[] =
    [
      [{}, undefined],
      [{ "content-length": "0" }, undefined],
      [{ "content-length": "104857600" }, undefined],
      [{ "transfer-encoding": "chunked" }, undefined],
      [{ "transfer-encoding": "Chunked" }, undefined],
      [{ "content-length": "3, 3" }, 400],
      [{ "content-length": "" }, 400],
      [{ "content-length": "+3" }, 400],
      [{ "content-length": "0x3" }, 400],
      [{ "content-length": "9999999999999999" }, 400],
      [{ "transfer-encoding": "gzip, chunked" }, 400],
      [{ "transfer-encoding": ",chunked" }, 400],
      [{ "transfer-encoding": "chunked, chunked" }, 400],
      [{ "transfer-encoding": "identity" }, 400],
      [{ "transfer-encoding": "" }, 400],
      [{ "transfer-encoding": "chunked", "content-length": "3" }, 400],
    ];
  for (const [fields, status] of table) {
    test(`${status === undefined ? "passes" : `answers ${status} to`} ${JSON.stringify(fields)}`, () =>
      assert.equal(refuseFraming(new Headers(fields))?.status, status));
  }
});
