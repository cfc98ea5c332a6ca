import type { Host } from "../../../runtime/host.ts";

/** This many bytes may pass before the runtime is told of them. */
const TOLD_BYTES = 2 * 1024 * 1024;

let passedBytes = 0;

/**
 * Notes that bytes were made or read which are garbage as soon as they were handed on: without a hint, a fast body of a
 * gigabyte would take a fifth of that.
 */
export function noteGarbage(bytes: number, { host }: { readonly host: Pick<Host, "collectGarbage"> }): void {
  passedBytes += bytes;
  if (passedBytes < TOLD_BYTES) return;
  passedBytes = 0;
  host.collectGarbage();
}
