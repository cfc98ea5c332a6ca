import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What the proxy itself costs: the body is next to nothing. */
export const small = loadCase({
  name: "small",
  summary: "130 bytes over 32 keep-alive connections",
  peers: ["bare-bun", "proper-bun", "headgate", "headgate-log", "nginx", "nginx-log", "haproxy"],
  limits: [{ peer: "headgate", measure: "cpuRatio", most: 1.35 }],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES },
  hasFixedRate: true,
});
