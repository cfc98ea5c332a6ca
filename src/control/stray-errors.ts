import process from "node:process";

import type { Log } from "./log.ts";

/**
 * Logs errors that nobody caught instead of ending the process for them: with one worker the data plane lives here, and
 * one odd exchange must not cost all the others.
 */
export function logStrayErrors(log: Log): void {
  const tell = (error: unknown) => log.error("an error that nobody caught", { reason: describeStray(error) });
  process.on("unhandledRejection", tell);
  process.on("uncaughtException", tell);
}

function describeStray(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
