import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/**
 * What it costs to use everything: log, limits, stickiness, retries, probes, filters, compression, storage. No client keeps
 * the cookie that it gets, so that each answer sets one: more than browsers cost, which send theirs back.
 */
export const everything = loadCase({
  name: "everything",
  summary: "130 bytes over 32 keep-alive connections, with the default configuration and with everything on",
  peers: ["headgate", "headgate-everything"],
  limits: [{ peer: "headgate-everything", measure: "cpuRatio", most: 1.25 }],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES },
  hasFixedRate: true,
});
