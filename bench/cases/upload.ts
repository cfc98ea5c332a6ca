import { loadCase } from "../load-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** What a byte costs on its way to the server. */
export const upload = loadCase({
  name: "upload-10m",
  summary: "10 MB uploads over 4 connections",
  peers: ["bare-bun", "headgate", "nginx", "haproxy"],
  load: {
    method: "POST",
    paths: ["/upload"],
    sentBytes: 10_000_000,
    expectedBytes: SMALL_BYTES,
    connections: 4,
  },
  hasFixedRate: false,
});
