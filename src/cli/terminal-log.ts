import { createLog, type Log } from "../control/log.ts";
import { host } from "../runtime/current.ts";
import type { Terminal } from "./command.ts";

/** A log that goes to the terminal's stderr. */
export function createTerminalLog({ complain }: Terminal): Log {
  return createLog({ write: complain, now: () => host.time.now() });
}
