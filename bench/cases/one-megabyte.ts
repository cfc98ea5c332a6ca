import { loadCase } from "../load-case.ts";

/** A picture: long enough that it streams. */
export const oneMegabyte = loadCase({
  name: "1m",
  summary: "1 MB over 8 keep-alive connections",
  peers: ["bare-bun", "headgate", "nginx", "haproxy"],
  load: { paths: ["/1m"], expectedBytes: 1_000_000, connections: 8 },
  hasFixedRate: false,
});
