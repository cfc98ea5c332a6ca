import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What encryption adds to a request over a kept connection. */
export const tls = loadCase({
  name: "tls",
  summary: "130 bytes over 32 keep-alive connections with TLS, HTTP/1.1",
  peers: ["bare-bun", "headgate", "nginx", "haproxy", "caddy"],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES },
  hasFixedRate: false,
  isTls: true,
});

/** What a handshake costs. */
export const tlsHandshake = loadCase({
  name: "tls-new",
  summary: "130 bytes with TLS, a new connection for each request, 32 at a time",
  peers: ["bare-bun", "headgate", "nginx", "haproxy", "caddy"],
  load: { paths: ["/small"], expectedBytes: SMALL_BYTES, isFreshEach: true },
  hasFixedRate: false,
  isTls: true,
});
