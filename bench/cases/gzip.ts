import { loadCase } from "../load-case.ts";

/** What compressing an API's answer costs, beside nginx at its fastest level. */
export const gzip = loadCase({
  name: "gzip",
  summary: "50 KB of JSON, compressed by the proxy with gzip at its fastest, over 32 keep-alive connections",
  peers: ["headgate", "headgate-gzip", "nginx", "nginx-gzip"],
  limits: [{ peer: "headgate-gzip", measure: "cpuUs", times: "nginx-gzip", most: 1.5 }],
  load: { paths: ["/json"], expectedBytes: 0, fields: ["Accept-Encoding: gzip"] },
  hasFixedRate: false,
});
