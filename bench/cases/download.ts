import { loadCase } from "../load-case.ts";
import { LARGE_PATHS } from "../paths.ts";

/** What a byte costs on its way to the client. */
export const download = loadCase({
  name: "download-100m",
  summary: "100 MB downloads over 2 connections; a download under way counts by the part that is through",
  peers: ["bare-bun", "headgate", "nginx", "haproxy", "caddy", "http-proxy"],
  limits: [{ peer: "headgate", measure: "perSecond", times: "nginx", least: 0.8 }],
  load: { paths: ["/100m"], expectedBytes: LARGE_PATHS["/100m"] ?? 0, connections: 2 },
  hasFixedRate: false,
});
