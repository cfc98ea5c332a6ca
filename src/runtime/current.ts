import type { Host } from "./host.ts";

/** The runtime that this process stands on. */
export const host: Host =
  "Bun" in globalThis ? (await import("./bun.ts")).bunHost : (await import("./deno.ts")).denoHost;
