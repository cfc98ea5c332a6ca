import type { Board } from "../board/board.ts";
import type { Host } from "../runtime/host.ts";
import { planRoutes } from "./actions.ts";
import { createErrorPages } from "./error-pages.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { Deadlines } from "./deadlines.ts";
import type { GuardLimits } from "./guard/guard.ts";
import type { AccessLog } from "./log/access-log.ts";
import type { Notify } from "./plane-event.ts";
import { createRouter } from "./route/router.ts";
import type { Router } from "./route/router.ts";
import type { Snapshot } from "./snapshot.ts";
import { createUpstreams } from "./upstream/upstream.ts";
import type { Clients } from "./upstream/clients.ts";

/** A snapshot, compiled: what the steps of a request's life work with. */
export interface Pipeline {
  readonly host: Host;
  readonly limits: GuardLimits;
  readonly router: Router;
  /** Counts an exchange that came in. */
  begin(exchange: Exchange): void;
  /** Counts and logs an exchange that is over, once; `broken` says why it broke off, "" where it did not. */
  end(exchange: Exchange, broken: string): void;
  /** Says in the log what went wrong inside. */
  reportFault(exchange: Exchange, error: unknown): void;
}

/** What outlives a snapshot. */
export interface PipelineTools {
  readonly host: Host;
  readonly board: Board;
  /** The memory that the board was opened on. */
  readonly memory: SharedArrayBuffer;
  readonly workerIndex: number;
  readonly deadlines: Deadlines;
  readonly clients: Clients;
  readonly log: AccessLog;
  readonly notify: Notify;
  readonly report: (message: string) => void;
}

/** Compiles a snapshot. Throws where it cannot be run. */
export function createPipeline(snapshot: Snapshot, tools: PipelineTools): Pipeline {
  const { host, board, log } = tools;
  const upstreams = createUpstreams(snapshot, tools);
  const errorPages = createErrorPages(snapshot);

  function end(exchange: Exchange, broken: string): void {
    if (exchange.isEnded) return;
    exchange.isEnded = true;
    exchange.broken = broken;
    board.addExchanges(-1);
    if (exchange.isIdleLifted && !exchange.isUpgraded)
      host.limitIdle(exchange.request, exchange.connection, true);
    log.write(exchange, host.time.monotonicMs());
  }

  function reportFault(exchange: Exchange, error: unknown): void {
    tools.report(describeFault(exchange, error));
  }

  return {
    host,
    limits: { uriBytes: snapshot.config.limits.uri },
    router: createRouter(planRoutes(snapshot, upstreams, { ...tools, end, reportFault })),
    begin: (exchange) => {
      exchange.errorPages = errorPages;
      board.addExchanges(1);
    },
    end,
    reportFault,
  };
}

function describeFault({ requestId, route, listener }: Exchange, error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `fault while answering request ${requestId} (listener "${listener}", route "${route}"): ${what}`;
}
