import process from "node:process";

/**
 * Tells of errors that nobody caught instead of ending the process, or the worker, for them: one odd exchange must not
 * cost all the others.
 */
export function catchStrayErrors(tell: (reason: string) => void): void {
  const hear = (error: unknown): void => tell(describeStray(error));
  process.on("unhandledRejection", hear);
  process.on("uncaughtException", hear);
}

function describeStray(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
