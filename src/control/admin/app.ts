import { type Context, Hono } from "hono";

import type { Config } from "../../config/config.ts";
import type { ExplainedRequest, Explanation } from "../../data/explain-request.ts";
import type { ReloadResult } from "../reloader.ts";
import { answerExplain } from "./explain.ts";
import { findForeignHost } from "./own-host.ts";
import { redact } from "./redact.ts";
import { bearsToken } from "./token.ts";

/** What the admin shows and does. */
export interface AdminActions {
  readonly isReady: () => boolean;
  readonly status: () => object;
  readonly config: () => Config;
  readonly reload: () => Promise<ReloadResult>;
  readonly explain: (asked: ExplainedRequest) => Explanation;
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
  addEndpoint(app, ["GET", "/livez"], (c) => c.text("alive\n"));
  addEndpoint(app, ["GET", "/readyz"], (c) =>
    actions.isReady() ? c.text("ready\n") : c.text("not ready\n", 503),
  );
  app.use("/api/*", async (c, next) => {
    const token = access.token();
    if (token !== "" && !bearsToken(c.req.header("authorization") ?? null, token)) return refuseStranger(c);
    return next();
  });
  addEndpoint(app, ["GET", "/api/status"], (c) => c.json(actions.status()));
  addEndpoint(app, ["GET", "/api/config"], (c) => c.json(redact(actions.config()) as object));
  addEndpoint(app, ["POST", "/api/reload"], async (c) => answerReload(c, await actions.reload()));
  addEndpoint(app, ["POST", "/api/explain"], (c) => answerExplain(c, actions));
  app.notFound((c) => c.json({ error: "There is nothing under this name" }, 404));
  return (request) => refuseForeign(request, access.hostname) ?? app.fetch(request);
}

/** Another method on a known path is 405, and says which is right. */
function addEndpoint(app: Hono, [method, path]: readonly [string, string], endpoint: Endpoint): void {
  app.on(method, path, (c) => endpoint(c));
  app.all(path, (c) => c.json({ error: `Only ${method} is answered here` }, 405, { allow: method }));
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
  const errors = result.problems.map(({ line, column, path, message }) => ({ line, column, path, message }));
  return c.json({ errors }, 422);
}
