import { lostLinesCounter } from "../../board/lost-lines.ts";
import type { Board } from "../../board/board.ts";
import type { AccessLogConfig } from "../../config/config.ts";
import type { Host } from "../../runtime/host.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { accessLines } from "./access-line.ts";
import { BatchWriter, type LostLines } from "./batch-writer.ts";

/** Where ended exchanges are written down. */
export interface AccessLog {
  write(exchange: Exchange, endedMs: number): void;
  /** Opens the file anew, after it was rotated. */
  reopen(): void;
  /** Writes what is left, and resolves when that is done. */
  close(): Promise<void>;
}

/** What an access log works with. */
export interface AccessLogTools {
  readonly host: Host;
  readonly board: Board;
  /** Takes a line for whoever runs the proxy. */
  readonly report: (message: string) => void;
}

const SILENT: AccessLog = { write: () => {}, reopen: () => {}, close: () => Promise.resolve() };

/** How often it is said that lines are lost, ms. */
const TELL_MS = 60_000;

/** Creates the access log of one worker. Throws where its file cannot be opened. */
export function createAccessLog(config: AccessLogConfig, tools: AccessLogTools): AccessLog {
  const { format, sample, output } = config;
  if (format === "off" || sample === 0) return SILENT;
  const { host } = tools;
  const toLine = accessLines[format];
  const writer = new BatchWriter(() => host.openAppendFile(output), host.time, createLoss(output, tools));
  return {
    write(exchange, endedMs) {
      if (sample < 1 && host.random() >= sample) return;
      writer.write(toLine(exchange, endedMs));
    },
    reopen: () => writer.reopen(),
    close: () => writer.close(),
  };
}

/** Counts lines that are lost, and says so when that begins and then now and again. */
function createLoss(output: string, { host, board, report }: AccessLogTools): LostLines {
  let untold = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  return (count, reason) => {
    board.count(lostLinesCounter, count);
    untold += count;
    const nowMs = host.time.monotonicMs();
    if (nowMs - toldMs < TELL_MS) return;
    report(`Cannot write the access log "${output}": ${reason}; lines lost: ${untold}`);
    toldMs = nowMs;
    untold = 0;
  };
}
