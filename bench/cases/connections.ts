import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What a client costs that comes once. */
export const connections = loadCase({
  name: "new-connections",
  summary: "130 bytes, a new connection for each request, 32 at a time",
  peers: ["bare-bun", "headgate", "nginx", "haproxy", "caddy", "http-proxy"],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES, isFreshEach: true },
  hasFixedRate: false,
});
