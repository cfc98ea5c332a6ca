import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What a second worker brings; on two cores the load generator and the upstream take one of them. */
export const workers = loadCase({
  name: "workers-2",
  summary: "130 bytes over 64 keep-alive connections, with one worker and with two (-2)",
  peers: ["bare-bun", "headgate", "headgate-2", "nginx", "nginx-2"],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES, connections: 64 },
  hasFixedRate: false,
});
