import { memoryCase } from "../memory-case.ts";
import { SMALL_BYTES } from "../paths.ts";

/** A body must not pile up in the proxy when the server is slow. */
export const memoryUpload = memoryCase({
  name: "memory-upload",
  summary: "a client sends the first seconds of a 500 MB body to a server that takes 5 MB/s",
  peers: ["bare-bun", "headgate"],
  limits: [{ peer: "headgate", measure: "growthMb", most: 40 }],
  load: { method: "POST", paths: ["/slow-upload"], sentBytes: 500_000_000, expectedBytes: SMALL_BYTES },
});
