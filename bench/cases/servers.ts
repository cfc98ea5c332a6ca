import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What choosing costs among many; all of them are the same server, so that the kept connections are as in `small`. */
export const servers = loadCase({
  name: "servers-1000",
  summary: "130 bytes from an upstream of 1,000 servers over 32 keep-alive connections",
  peers: ["bare-bun", "headgate", "nginx", "haproxy", "caddy"],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES },
  hasFixedRate: false,
  servers: 1000,
});
