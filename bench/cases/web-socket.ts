import { loadCase } from "../load-case.ts";
import { MESSAGE_BYTES } from "../paths.ts";

/** What a message costs there and back, once the handshake is over. */
export const webSocket = loadCase({
  name: "web-socket",
  summary: "messages of 128 bytes that come back, over 32 WebSockets, one under way on each",
  peers: ["nginx", "headgate", "haproxy", "caddy", "http-proxy", "fastify"],
  load: { paths: ["/echo"], expectedBytes: MESSAGE_BYTES, isWebSocket: true },
  hasFixedRate: false,
});
