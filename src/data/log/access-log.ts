import type { AccessLogConfig } from "../../config/config.ts";
import type { Host } from "../../runtime/host.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { accessLines } from "./access-line.ts";
import { BatchWriter } from "./batch-writer.ts";

/** Where ended exchanges are written down. */
export interface AccessLog {
  write(exchange: Exchange, endedMs: number): void;
  /** Opens the file anew, after it was rotated. */
  reopen(): void;
  /** Writes what is left, and resolves when that is done. */
  close(): Promise<void>;
}

const SILENT: AccessLog = { write: () => {}, reopen: () => {}, close: () => Promise.resolve() };

/** Creates the access log of one worker. Throws where its file cannot be opened. */
export function createAccessLog(config: AccessLogConfig, host: Host): AccessLog {
  const { format, sample, output } = config;
  if (format === "off" || sample === 0) return SILENT;
  const toLine = accessLines[format];
  const writer = new BatchWriter(() => host.openAppendFile(output), host.time);
  return {
    write(exchange, endedMs) {
      if (sample < 1 && host.random() >= sample) return;
      writer.write(toLine(exchange, endedMs));
    },
    reopen: () => writer.reopen(),
    close: () => writer.close(),
  };
}
