import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { version } from "../version.ts";
import * as answers from "./answers.ts";
import { banOrder } from "./bans.ts";
import { serverChange } from "./change-server.ts";
import { question } from "./explain.ts";

/** One endpoint: what is sent, and what comes back by status. */
interface Operation {
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly body?: GenericSchema;
  readonly answers: Readonly<Record<string, Answer>>;
  /** Whether it asks for no token. */
  readonly isOpen?: boolean;
}

/** What an answer says, and its schema or media type. */
type Answer = readonly [what: string, content?: GenericSchema | string];

const unknownServer: Answer = ["There is no such server.", answers.errorAnswer];
const wrongValue: Answer = ["A value is wrong; where, is said.", answers.refusedAnswer];
const brokenBody = {
  "400": ["The body is not JSON.", answers.errorAnswer],
  "413": ["The body is longer than 64 KiB.", answers.errorAnswer],
  "422": wrongValue,
} as const;

const named = (name: string, what: string): object =>
  parameter("path", name, { description: what, required: true });

const serverNames = [named("upstream", "The upstream's name."), named("server", "The server's name.")];

/** Every endpoint, by path and method; the paths in the form of OpenAPI. */
const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  "/livez": {
    get: {
      summary: "Whether the process lives",
      answers: { "200": ["It does.", "text/plain"] },
      isOpen: true,
    },
  },
  "/readyz": {
    get: {
      summary: "Whether it is ready for traffic",
      answers: { "200": ["It is.", "text/plain"], "503": ["It is starting or stopping.", "text/plain"] },
      isOpen: true,
    },
  },
  "/metrics": {
    get: { summary: "Metrics for Prometheus", answers: { "200": ["The metrics.", "text/plain"] } },
  },
  "/api/openapi.json": {
    get: { summary: "This description", answers: { "200": ["The description.", "application/json"] } },
  },
  "/api/status": {
    get: { summary: "How everything stands", answers: { "200": ["The status.", answers.statusAnswer] } },
  },
  "/api/events": {
    get: {
      summary: "The status as server-sent events, once a second",
      answers: {
        "200": ["Events whose data is the status.", "text/event-stream"],
        "503": ["Too many are watching.", answers.errorAnswer],
      },
    },
  },
  "/api/config": {
    get: {
      summary: "The running configuration with its defaults, secrets redacted",
      answers: { "200": ["The configuration.", "application/json"] },
    },
  },
  "/api/history": {
    get: {
      summary: "A point a minute of a server, an upstream, or (without both) everything",
      parameters: [
        parameter("query", "upstream", { description: "The upstream's name." }),
        parameter("query", "server", { description: "The server's name; needs its upstream." }),
        parameter("query", "minutes", {
          description: "How far back, the running minute included.",
          schema: { type: "integer", minimum: 1, maximum: 10_080, default: 60 },
        }),
      ],
      answers: {
        "200": ["The points; a minute in which nothing happened has none.", answers.historyAnswer],
        "404": ["Nothing is known of it.", answers.errorAnswer],
        "422": wrongValue,
      },
    },
  },
  "/api/reload": {
    post: {
      summary: "Read the configuration anew: all of it, or nothing",
      answers: {
        "200": ["What has changed.", answers.reloadAnswer],
        "422": ["The configuration is wrong; the one before goes on.", answers.refusedAnswer],
      },
    },
  },
  "/api/explain": {
    post: {
      summary: "Say which route, filters and servers a request would get, and why; nothing is sent",
      body: question,
      answers: { "200": ["The explanation.", answers.explanationAnswer], ...brokenBody },
    },
  },
  "/api/upstreams/{upstream}/servers/{server}": {
    patch: {
      summary: "Set a server's weight or state, before the configuration's; kept over reloads and restarts",
      parameters: serverNames,
      body: serverChange,
      answers: {
        "200": ["The server as it is now.", answers.changedServerAnswer],
        "404": unknownServer,
        ...brokenBody,
      },
    },
    delete: {
      summary: "Undo what was set: the configuration alone speaks again",
      parameters: serverNames,
      answers: { "200": ["The server as it is now.", answers.changedServerAnswer], "404": unknownServer },
    },
  },
  "/api/bans": {
    get: { summary: "Clients that are banned", answers: { "200": ["The bans.", answers.bansAnswer] } },
    post: {
      summary: "Ban a client, on every route that does not say `ban: off`",
      body: banOrder,
      answers: {
        "201": ["The ban.", answers.banAnswer],
        ...brokenBody,
        "503": ["There is no room for it.", answers.errorAnswer],
      },
    },
  },
  "/api/bans/{client}": {
    delete: {
      summary: "End a client's ban",
      parameters: [named("client", "An address, or a prefix such as 2001:db8::/64, as the list has it.")],
      answers: { "204": ["It is over."], "404": ["The client is not banned.", answers.errorAnswer] },
    },
  },
};

/** The API in OpenAPI 3.1, made of the schemas that its requests are read by. */
export function describeApi(): object {
  return {
    openapi: "3.1.0",
    info: { title: "Headgate admin API", version },
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    paths: mapValues(operations, (methods) => mapValues(methods, describeOperation)),
  };
}

function describeOperation({ summary, parameters, body, answers: all, isOpen = false }: Operation): object {
  return {
    summary,
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: mapValues({ ...all, ...(!isOpen && strangers) }, describeAnswer),
    ...(!isOpen && { security: [{ token: [] }] }),
  };
}

/** Whoever may not ask. */
const strangers: Readonly<Record<string, Answer>> = {
  "401": ["The token is missing or wrong, where one is set.", answers.errorAnswer],
  "403": ["The Host or Origin is not the admin's own.", answers.errorAnswer],
};

function describeAnswer([description, content]: Answer): object {
  if (content === undefined) return { description };
  return { description, content: typeof content === "string" ? { [content]: {} } : json(content) };
}

function json(schema: GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode: "input",
    errorMode: "ignore",
  });
  return { "application/json": { schema: rest } };
}

function parameter(place: "path" | "query", name: string, more: object): object {
  return { in: place, name, schema: { type: "string" }, ...more };
}

function mapValues<T, R>(values: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
