import { type Context, Hono, type MiddlewareHandler } from "hono";

import type { Config } from "../../config/config.ts";
import { metricsType } from "../metrics/text.ts";
import type { ReloadResult } from "../configuration/reloader.ts";
import { answerBan, answerLift, type BanActions } from "./bans.ts";
import { answerChange, answerUndo, type ChangeServer } from "./change-server.ts";
import { dashboardFiles } from "./dashboard/dashboard.ts";
import type { EventFeed } from "./events.ts";
import { answerExplain, type Explain } from "./explain.ts";
import { answerHistory, type ReadHistory } from "./history.ts";
import { describeApi } from "./openapi.ts";
import { findForeignHost } from "./own-host.ts";
import { redact } from "./redact.ts";
import { bearsToken } from "./token.ts";

/** What the admin shows and does. */
export interface AdminActions {
  readonly isReady: () => boolean;
  readonly status: () => object;
  readonly config: () => Config;
  readonly reload: () => Promise<ReloadResult>;
  readonly explain: Explain;
  readonly changeServer: ChangeServer;
  readonly history: ReadHistory;
  /** As Prometheus reads them. */
  readonly metrics: () => Promise<string>;
  readonly bans: BanActions;
  /** The status, again and again. */
  readonly events: Pick<EventFeed, "answer">;
}

/** The address and token of the admin, as they stand now. */
export interface AdminAccess {
  readonly hostname: string;
  /** Empty = none is asked for. */
  readonly token: () => string;
}

type Endpoint = (context: Context) => Response | Promise<Response>;

/** Answers the admin's requests. */
export function createAdmin(
  actions: AdminActions,
  access: AdminAccess,
): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  addProbes(app, actions);
  const files = dashboardFiles(() => access.token() !== "");
  for (const [path, answer] of Object.entries(files)) addEndpoints(app, path, { GET: answer });
  const askToken = askForToken(access);
  for (const path of ["/api/*", "/metrics"]) app.use(path, askToken);
  for (const [path, endpoints] of Object.entries(endpointsOf(actions))) addEndpoints(app, path, endpoints);
  app.notFound((c) => c.json({ error: "There is nothing under this name" }, 404));
  return (request) => refuseForeign(request, access.hostname) ?? app.fetch(request);
}

/** What needs no token: whoever asks whether we live cannot know one. */
function addProbes(app: Hono, { isReady }: AdminActions): void {
  addEndpoints(app, "/livez", { GET: (c) => c.text("alive\n") });
  addEndpoints(app, "/readyz", {
    GET: (c) => (isReady() ? c.text("ready\n") : c.text("not ready\n", 503)),
  });
}

type Endpoints = Readonly<Record<string, Endpoint>>;

/** Every endpoint that asks for the token, by path and method. */
function endpointsOf(actions: AdminActions): Readonly<Record<string, Endpoints>> {
  const { changeServer } = actions;
  return {
    "/metrics": { GET: async (c) => c.body(await actions.metrics(), 200, { "content-type": metricsType }) },
    "/api/openapi.json": { GET: (c) => c.json(describeApi()) },
    "/api/status": { GET: (c) => c.json(actions.status()) },
    "/api/events": { GET: () => actions.events.answer() },
    "/api/config": { GET: (c) => c.json(redact(actions.config()) as object) },
    "/api/history": { GET: (c) => answerHistory(c, actions.history) },
    "/api/reload": { POST: async (c) => answerReload(c, await actions.reload()) },
    "/api/explain": { POST: (c) => answerExplain(c, actions.explain) },
    "/api/upstreams/:upstream/servers/:server": {
      PATCH: (c) => answerChange(c, changeServer),
      DELETE: (c) => answerUndo(c, changeServer),
    },
    "/api/bans": {
      GET: (c) => c.json(actions.bans.list()),
      POST: (c) => answerBan(c, actions.bans),
    },
    "/api/bans/:client": { DELETE: (c) => answerLift(c, actions.bans) },
  };
}

/** Another method on a known path is 405, and says which are right. */
function addEndpoints(app: Hono, path: string, endpoints: Endpoints): void {
  const methods = Object.keys(endpoints).join(", ");
  for (const [method, endpoint] of Object.entries(endpoints)) app.on(method, path, (c) => endpoint(c));
  app.all(path, (c) => c.json({ error: `Only ${methods} is answered here` }, 405, { allow: methods }));
}

function askForToken(access: AdminAccess): MiddlewareHandler {
  return async (c, next) => {
    const token = access.token();
    if (token !== "" && !bearsToken(c.req.header("authorization") ?? null, token)) return refuseStranger(c);
    return next();
  };
}

function refuseForeign({ headers }: Request, hostname: string): Response | undefined {
  const reason = findForeignHost(headers, hostname);
  return reason === undefined
    ? undefined
    : Response.json({ error: `Cannot answer: ${reason}` }, { status: 403 });
}

function refuseStranger(c: Context): Response {
  return c.json({ error: "Authorization: Bearer with the admin's token is needed" }, 401, {
    "www-authenticate": 'Bearer realm="headgate"',
  });
}

function answerReload(c: Context, result: ReloadResult): Response {
  if ("changes" in result) return c.json(result);
  return c.json({ errors: result.problems }, 422);
}
