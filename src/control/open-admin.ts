import { parseBind } from "../config/bind.ts";
import { type ExplainedRequest, explainRequest } from "../data/explain-request.ts";
import { banByHand, liftBan, listBans } from "../data/limits/bans.ts";
import type { Time } from "../runtime/host.ts";
import type { HostListener } from "../runtime/listener.ts";
import { type AdminActions, createAdmin } from "./admin/app.ts";
import type { BanActions } from "./admin/bans.ts";
import type { ServerChange } from "./admin/change-server.ts";
import { EventFeed } from "./admin/events.ts";
import { describeNamed, describeStatus, type StatusSource } from "./admin/status.ts";
import type { HeadgateParts } from "./headgate-parts.ts";
import { tellInTurns } from "./metrics/in-turns.ts";
import type { OverrideChange, ServerName } from "./servers/overrides.ts";
import type { ReloadResult } from "./configuration/reloader.ts";
import { orderServer, type OwnOrderTools } from "./servers/server-orders.ts";
import { version } from "./version.ts";

/** What the admin shows and drives. */
export interface AdminParts extends HeadgateParts {
  /** Monotonic clock, ms. */
  readonly startedMs: number;
  readonly isReady: () => boolean;
  readonly reload: () => Promise<ReloadResult>;
}

/** Opens the admin where the configuration wants it; undefined where it is off. Throws where it cannot. */
export function openAdmin(parts: AdminParts): HostListener | undefined {
  const { host, reloader } = parts;
  const { bind } = reloader.running.read.config.admin;
  const address = bind === false ? undefined : parseBind(bind);
  if (address === undefined) return undefined;
  const token = () => reloader.running.read.config.admin.token;
  return host.serve({
    hostname: address.hostname === "" ? undefined : address.hostname,
    port: address.port,
    isShared: false,
    http2: false,
    idleTimeoutMs: 75_000,
    handle: createAdmin(actionsOf(parts), { hostname: address.hostname, token }),
  });
}

function actionsOf(parts: AdminParts): AdminActions {
  const { host, reloader, isReady, reload } = parts;
  const status = () => describeStatus(statusSource(parts));
  return {
    isReady,
    status,
    config: () => reloader.running.read.config,
    reload,
    explain: (asked: ExplainedRequest) => explainRequest(reloader.running.snapshot, asked, parts),
    changeServer: (name, change) => changeServer(name, change, parts),
    metrics: () =>
      tellInTurns(
        {
          ...statusSource(parts),
          runtime: host,
          reloads: reloader.counts,
          spans: parts.exporter.counts,
        },
        () => rest(host.time),
      ),
    history: (subject, minutes) => parts.keeper.history(subject, minutes),
    bans: bansOf(parts),
    events: new EventFeed({ tell: status, time: host.time }),
  };
}

/** Lets the others have their turn. */
function rest(time: Time): Promise<void> {
  return new Promise((resolve) => void time.after(0, resolve));
}

/** What the board says of bans; storage and other nodes hear of changes from here. */
function bansOf({ board, host, keeper, cluster }: AdminParts): BanActions {
  return {
    list: () => listBans(board, host.time.now()),
    add({ client, forMs }) {
      const nowMs = host.time.now();
      const ban = banByHand(board, { client, until: nowMs + forMs }, nowMs);
      keeper.sealBans();
      if (ban) cluster?.shareBan(ban);
      return ban;
    },
    lift(client) {
      const isLifted = liftBan(board, client, host.time.now());
      if (isLifted) keeper.sealBans();
      if (isLifted) cluster?.shareLift(client);
      return isLifted;
    },
  };
}

function changeServer(
  name: ServerName,
  change: OverrideChange | "undo",
  parts: AdminParts,
): ServerChange | undefined {
  const { host, reloader, keeper, cluster } = parts;
  const tools: OwnOrderTools = {
    ...parts,
    running: reloader.running,
    nowMs: host.time.now(),
    keep: (server, override) => keeper.keepOverride(server, override),
    share: (server, override) => cluster?.shareOrder(server, override),
  };
  const done = orderServer(name, change, tools);
  return done && { ...done, server: describeNamed(name, statusSource(parts)) ?? {} };
}

function statusSource(parts: AdminParts): StatusSource {
  const { host, reloader, crew, board, health, discovery, overrides, keeper, cluster, startedMs, isReady } =
    parts;
  return {
    version,
    uptimeMs: host.time.monotonicMs() - startedMs,
    isReady: isReady(),
    running: reloader.running,
    problems: reloader.counts.problems,
    workerCount: crew.workerCount(),
    board,
    health,
    discovery,
    overrides,
    storage: keeper.status,
    cluster: cluster?.status() ?? null,
    nowMs: host.time.now(),
  };
}
