import { memoryCase } from "../memory-case.ts";
import { LARGE_PATHS } from "../paths.ts";

/** A body must not pile up in the proxy when the client is slow. */
export const memoryDownload = memoryCase({
  name: "memory-download",
  summary: "a client reads the first seconds of a 1 GB answer at 8 MB/s",
  peers: ["bare-bun", "headgate"],
  limits: [{ peer: "headgate", measure: "growthMb", most: 40 }],
  load: { paths: ["/1g"], expectedBytes: LARGE_PATHS["/1g"] ?? 0, readBytesPerSecond: 8_000_000 },
});
