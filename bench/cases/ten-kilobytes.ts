import { loadCase } from "../load-case.ts";

/** An ordinary page or answer of an API. */
export const tenKilobytes = loadCase({
  name: "10k",
  summary: "10 KB over 32 keep-alive connections",
  peers: ["bare-bun", "headgate", "nginx", "haproxy"],
  load: { paths: ["/10k"], expectedBytes: 10_000 },
  hasFixedRate: true,
});
