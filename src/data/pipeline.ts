import type { Board } from "../board/board.ts";
import type { Host } from "../runtime/host.ts";
import { planRoutes } from "./actions.ts";
import { createErrorPages } from "./error-pages.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { Deadlines } from "./deadlines.ts";
import { admitted } from "./admitted.ts";
import { createAdmission } from "./limits/admission.ts";
import type { LagMeter } from "./limits/lag-meter.ts";
import type { AccessLog } from "./log/access-log.ts";
import type { Notify } from "./plane-event.ts";
import { createRouter, refuseLost } from "./route/router.ts";
import type { RoutePlan, Router } from "./route/router.ts";
import type { Snapshot } from "./snapshot.ts";
import type { FilterModule } from "./transform/modules/filter-module.ts";
import { createUpstreams } from "./upstream/upstream.ts";
import type { Clients } from "./upstream/clients.ts";

/** A snapshot, compiled: what the steps of a request's life work with. */
export interface Pipeline {
  readonly host: Host;
  readonly board: Board;
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
  readonly lag: LagMeter;
  readonly log: AccessLog;
  readonly notify: Notify;
  readonly report: (message: string) => void;
  /** The filters of the user's own that the snapshot names, by file. */
  readonly modules: ReadonlyMap<string, FilterModule>;
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
    exchange.runAtEnd();
    if (exchange.isIdleLifted && !exchange.isUpgraded)
      host.limitIdle(exchange.request, exchange.connection, true);
    log.write(exchange, host.time.monotonicMs());
  }

  function reportFault(exchange: Exchange, error: unknown): void {
    tools.report(describeFault(exchange, error));
  }

  const plans = planRoutes(snapshot, upstreams, { ...tools, end, reportFault });
  return {
    host,
    board,
    router: createAdmittingRouter(plans, snapshot, tools),
    begin: (exchange) => {
      exchange.errorPages = errorPages;
      board.addExchanges(1);
    },
    end,
    reportFault,
  };
}

/** What is asked of an exchange before the action of its route, or before it is told that it has none. */
function createAdmittingRouter(
  plans: readonly RoutePlan[],
  { config }: Snapshot,
  { board, host, lag }: PipelineTools,
): Router {
  const tools = { board, lag, now: host.time.now, headerCapBytes: host.headerCapBytes };
  return createRouter(
    plans.map((plan) => ({
      config: plan.config,
      act: admitted(plan.act, createAdmission(config, plan.config, tools)),
    })),
    admitted(refuseLost, createAdmission(config, undefined, tools)),
  );
}

function describeFault({ requestId, route, listener }: Exchange, error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `fault while answering request ${requestId} (listener "${listener}", route "${route}"): ${what}`;
}
