import * as v from "valibot";
import { compressionSchema } from "./schema/compression.ts";
import { errorPagesSchema } from "./schema/error-pages.ts";
import { block } from "./schema/forms.ts";
import { limitsSchema } from "./schema/limits.ts";
import { listenersSchema } from "./schema/listeners.ts";
import * as operation from "./schema/operation.ts";
import { routesSchema } from "./schema/routes.ts";
import { upstreamsSchema } from "./schema/upstreams.ts";

/** The whole configuration file: every key, its default and its forms. */
export const configSchema = block({
  workers: v.optional(operation.workersSchema, "auto"),
  listeners: v.optional(listenersSchema, {}),
  upstreams: v.optional(upstreamsSchema, {}),
  routes: v.optional(routesSchema, []),
  limits: v.optional(limitsSchema, {}),
  compression: v.optional(compressionSchema, false),
  errorPages: v.optional(errorPagesSchema, {}),
  accessLog: v.optional(operation.accessLogSchema, {}),
  storage: v.optional(operation.storageSchema, "headgate.db"),
  cluster: v.exactOptional(operation.clusterSchema),
  tracing: v.exactOptional(operation.tracingSchema),
  admin: v.optional(operation.adminSchema, {}),
  shutdown: v.optional(operation.shutdownSchema, {}),
});
