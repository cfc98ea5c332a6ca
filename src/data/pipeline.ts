import type { Board } from "../board/board.ts";
import type { Config, RouteConfig } from "../config/config.ts";
import { limitsOf } from "../config/effective.ts";
import type { Host } from "../runtime/host.ts";
import { planRoutes } from "./actions.ts";
import { clearanceCookie } from "./challenge/challenge.ts";
import { createSeals } from "./challenge/seals.ts";
import { createErrorFields } from "./error-fields.ts";
import { createErrorPages } from "./error-pages.ts";
import { createCount } from "./count-exchange.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { Deadlines } from "./deadlines.ts";
import { admitted } from "./admitted.ts";
import { createAdmission } from "./limits/admission.ts";
import { challengesOf } from "./limits/challenge.ts";
import type { LagMeter } from "./limits/lag-meter.ts";
import { createRateSeed } from "./limits/rate-table.ts";
import type { AccessLog } from "./log/access-log.ts";
import type { Notify } from "./plane-event.ts";
import { redeeming } from "./redeeming.ts";
import { createRouter, refuseLost } from "./route/router.ts";
import type { Action, RoutePlan, Router } from "./route/router.ts";
import type { Snapshot } from "./snapshot.ts";
import type { SpanBatch } from "./trace/span-batch.ts";
import { createTracer, type Tracer } from "./trace/tracer.ts";
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
  /**
   * Counts and logs an exchange that is over, once; `broken` says why it broke off, "" where it did not. `endedMs` is on the
   * monotonic clock; default: now.
   */
  end(exchange: Exchange, broken: string, endedMs?: number): void;
  /** Says in the log what went wrong inside; without an exchange where it could not even be made. */
  reportFault(exchange: Exchange | undefined, error: unknown): void;
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
  readonly spans: SpanBatch;
  readonly notify: Notify;
  readonly report: (message: string) => void;
  /** The filters of the user's own that the snapshot names, by file. */
  readonly modules: ReadonlyMap<string, FilterModule>;
}

/** Compiles a snapshot. Throws where it cannot be run. */
export function createPipeline(snapshot: Snapshot, tools: PipelineTools): Pipeline {
  const { host, board } = tools;
  const upstreams = createUpstreams(snapshot, tools);
  const tracer = createTracer(snapshot.config, tools);
  const prepare = createPreparation(snapshot, board, tracer);
  const enter = createEntry(snapshot, tools, tracer);

  function end(exchange: Exchange, broken: string, endedMs = host.time.monotonicMs()): void {
    if (exchange.isEnded) return;
    exchange.isEnded = true;
    exchange.broken = broken;
    board.addExchanges(-1);
    exchange.runAtEnd();
    if (exchange.isIdleLifted && !exchange.isUpgraded)
      host.limitIdle(exchange.request, exchange.connection, true);
    enter(exchange, endedMs);
  }

  const reportFault = (exchange: Exchange | undefined, error: unknown): void =>
    tools.report(describeFault(exchange, error));

  const plans = planRoutes(snapshot, upstreams, { ...tools, end, reportFault });
  return {
    host,
    board,
    router: createAdmittingRouter(plans, snapshot, tools),
    begin: prepare,
    end,
    reportFault,
  };
}

/** Counts an exchange that is over, writes its line, and records it. */
function createEntry(
  snapshot: Snapshot,
  { board, log }: PipelineTools,
  tracer: Tracer | undefined,
): (exchange: Exchange, endedMs: number) => void {
  const count = createCount(snapshot, board);
  return (exchange, endedMs) => {
    count(exchange, endedMs);
    log.write(exchange, endedMs);
    tracer?.end(exchange, endedMs);
  };
}

/** Gives every exchange what it needs of the snapshot, and counts it. */
function createPreparation(
  snapshot: Snapshot,
  board: Board,
  tracer: Tracer | undefined,
): (exchange: Exchange) => void {
  const errorPages = createErrorPages(snapshot);
  const errorFields = createErrorFields(snapshot.config);
  const hiddenCookie = hasChallenges(snapshot.config) ? clearanceCookie : "";
  return (exchange) => {
    exchange.errorPages = errorPages;
    exchange.errorFields = errorFields;
    exchange.hiddenCookie = hiddenCookie;
    tracer?.begin(exchange);
    board.addExchanges(1);
  };
}

/** What is asked of an exchange before the action of its route, or before it is told that it has none. */
function createAdmittingRouter(
  plans: readonly RoutePlan[],
  { config, stickySecret }: Snapshot,
  { board, host, lag }: PipelineTools,
): Router {
  const { random, time, headerCapBytes } = host;
  const tools = {
    board,
    lag,
    random,
    now: time.now,
    headerCapBytes,
    seals: createSeals(stickySecret, time.now),
    rateSeed: createRateSeed(stickySecret),
  };

  function admitting(act: Action, route: RouteConfig | undefined): Action {
    const challenges = challengesOf(limitsOf(config, { limits: route?.limits ?? {} }), tools);
    return redeeming(admitted(act, createAdmission(config, route, tools)), challenges); // 204
  }

  return createRouter(
    plans.map((plan) => ({ config: plan.config, act: admitting(plan.act, plan.config) })),
    { lost: admitting(refuseLost, undefined), random },
  );
}

/** Whether a clearance may come along with any request: a browser sends it to the whole site. */
function hasChallenges({ limits, routes }: Config): boolean {
  return [limits, ...routes.map((route) => route.limits)].some(
    ({ challenge }) => challenge !== undefined && challenge.mode !== "off",
  );
}

function describeFault(exchange: Exchange | undefined, error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!exchange) return `fault while receiving a request: ${what}`;
  const { requestId, route, listener } = exchange;
  return `fault while answering request ${requestId} (listener "${listener}", route "${route}"): ${what}`;
}
