import assert from "node:assert/strict";
import { test } from "node:test";

import { writeMetrics } from "../../../src/control/metrics/text.ts";

test("metrics are written as Prometheus reads them", () => {
  const text = writeMetrics([
    {
      name: "a_total",
      type: "counter",
      help: "All.",
      samples: [{ labels: { name: 'quo"te\\ \n' }, value: 1.5 }, { value: Infinity }],
    },
    {
      name: "h",
      type: "histogram",
      help: "H.",
      samples: [{ suffix: "_bucket", labels: { le: "+Inf" }, value: 2 }],
    },
    { name: "nothing", type: "gauge", help: "Left out.", samples: [] },
  ]);
  assert.equal(
    text,
    '# HELP a_total All.\n# TYPE a_total counter\na_total{name="quo\\"te\\\\ \\n"} 1.5\na_total +Inf\n' +
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\n',
  );
});
