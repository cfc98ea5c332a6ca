import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What the proxy itself costs: the body is next to nothing. */
export const small = loadCase({
  name: "small",
  summary: "130 bytes over 32 keep-alive connections",
  peers: [
    "bare-bun",
    "proper-bun",
    "headgate",
    "headgate-log",
    "nginx",
    "nginx-log",
    "haproxy",
    "caddy",
    "http-proxy",
    "fastify",
  ],
  limits: [
    { peer: "headgate", measure: "cpuRatio", most: 1.35 },
    { peer: "headgate", measure: "cpuRatio", most: 1.1 },
    { peer: "headgate", measure: "cpuUs", times: "nginx", most: 2 },
    { peer: "headgate", measure: "cpuUs", times: "caddy", most: 0.5 },
    { peer: "headgate", measure: "cpuUs", times: "http-proxy", most: 0.25 },
  ],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES },
  hasFixedRate: true,
});
