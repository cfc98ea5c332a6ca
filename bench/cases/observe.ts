import type { BenchCase, Row, Stage } from "../bench-case.ts";
import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";
import type { BenchOptions } from "../options.ts";
import { watchAdmin } from "../watch-admin.ts";

const compared = loadCase({
  name: "observe",
  summary:
    "130 bytes over 32 keep-alive connections: nothing is kept or shown; storage, /metrics every second and an event stream; the same with traces of 1 %",
  peers: ["headgate-unseen", "headgate-watched", "headgate-traced"],
  limits: [
    { peer: "headgate-watched", measure: "cpuRatio", most: 1.05 },
    { peer: "headgate-traced", measure: "cpuRatio", most: 1.05 },
  ],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES },
  hasFixedRate: true,
});

/** What it costs to be looked at. */
export const observe: BenchCase = {
  ...compared,
  async measure(stage: Stage, options: BenchOptions): Promise<readonly Row[]> {
    const watched = [...stage.peers].filter(([name]) => name !== "headgate-unseen");
    const ends = watched.map(([, { adminPort = 0 }]) => watchAdmin(adminPort));
    try {
      return await compared.measure(stage, options);
    } finally {
      for (const end of ends) end();
    }
  },
};
