import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseReportedLoad } from "../../../src/data/balance/parse-reported-load.ts";

const understood: readonly [report: string, load: number][] = [
  ["0", 0],
  ["0.73", 0.73],
  [" 1 ", 1],
  [".5", 0.5],
  ["75%", 0.75],
  ["12.5 %", 0.125],
  ["TEXT cpu_utilization=0.3", 0.3],
  ["TEXT cpu_utilization:0.3", 0.3],
  ["TEXT cpu_utilization=0.3, mem_utilization=0.8, application_utilization=0.5", 0.5],
  ["TEXT application_utilization=0, cpu_utilization=0.4", 0.4],
  ["TEXT application_utilization=0", 0],
  ["TEXT cpu_utilization=1.5", 1.5],
  ["TEXT cpu_utilization=0.3,rps_fractional=100,eps=10", 0.4],
  ["TEXT cpu_utilization=0.3,eps=10", 0.3],
  ["TEXT cpu_utilization=3e-1, named_metrics.queue=7", 0.3],
  ['JSON {"cpu_utilization":0.3}', 0.3],
  ['JSON {"cpuUtilization": 0.3, "rpsFractional": 10, "eps": 1, "namedMetrics": {"queue": 7}}', 0.4],
  ['JSON {"application_utilization":0.6,"cpu_utilization":0.3}', 0.6],
];

for (const [report, load] of understood) {
  test(`"${report}" means a load of ${load}`, () => {
    assert.ok(Math.abs((parseReportedLoad(report) ?? NaN) - load) < 1e-12);
  });
}

const refused = [
  "",
  " ",
  "-0.1",
  "1.1",
  "73",
  "101%",
  "%",
  "-5%",
  "NaN",
  "Infinity",
  "0x1",
  "1e999",
  "0.5 0.6",
  "TEXT",
  "TEXT ",
  "TEXT cpu_utilization",
  "TEXT cpu_utilization=",
  "TEXT =0.5",
  "TEXT cpu_utilization=nan",
  "TEXT cpu_utilization=inf",
  "TEXT cpu_utilization=-0.5",
  "TEXT cpu_utilization=1e999",
  "TEXT cpu_utilization=0.5,",
  "TEXT cpu_utilization=0.5, cpu_utilization=0.6",
  "TEXT cpu_utilization=0.5, mem_utilization=NaN",
  "TEXT mem_utilization=0.5",
  "text cpu_utilization=0.5",
  "JSON",
  "JSON {",
  "JSON null",
  "JSON 5",
  'JSON {"cpu_utilization":"0.5"}',
  'JSON {"cpu_utilization":null}',
  'JSON {"cpu_utilization":-1}',
  'JSON {"cpu_utilization":1e999}',
  'JSON {"cpu_utilization":0.1,"cpu_utilization":0.2}',
  'JSON {"cpu_utilization":0.1,"cpuUtilization":0.2}',
  'JSON {"mem_utilization":0.1}',
  "BIN AAAA",
  `TEXT cpu_utilization=0.${"1".repeat(5000)}`,
];

for (const report of refused) {
  test(`"${report.slice(0, 60)}" is not a report`, () => {
    assert.equal(parseReportedLoad(report), undefined);
  });
}

test("never throws, and gives nothing but amounts", () => {
  const piece = fc.constantFrom(
    "TEXT ",
    "JSON ",
    "cpu_utilization",
    "eps",
    "=",
    ":",
    ",",
    "0.5",
    "-1",
    "1e9",
    "{",
    "}",
    '"',
    "NaN",
    "%",
    " ",
  );
  const report = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(report, (text) => {
      const load = parseReportedLoad(text);
      assert.ok(load === undefined || (load >= 0 && load < Infinity));
    }),
    { numRuns: 1000 },
  );
});
