import { isIP } from "node:net";

import { ConfigError } from "../control/configuration/config-error.ts";
import { explainByConfig } from "../control/explain.ts";
import { readConfig } from "../control/configuration/read-config.ts";
import type { ExplainedRequest, Explanation } from "../data/explain-request.ts";
import type { ExplainedServer } from "../data/explain-servers.ts";
import type { Refusal } from "../http/failures.ts";
import { host } from "../runtime/current.ts";
import { type Arguments, type Command, configFile, configOption, UsageError } from "./command.ts";

/** Says which route a request takes, and why, without sending anything. */
export const explain: Command = {
  name: "explain",
  summary: "say which route and servers a request would get, and why",
  help: `Usage: headgate explain [-c FILE] METHOD URL [-H 'name: value'] [--client IP]

Says which route takes a request, why those before it do not, and how its servers rank where all are up and idle. Sends
nothing. The port of the URL chooses the listener. A running Headgate explains by its real numbers: POST /api/explain.

Options:
  -c, --config FILE     the configuration; default config.yaml
  -H, --header HEADER   a header field, as 'name: value'; may be repeated
      --client IP       the address that connects; default 127.0.0.1
      --json            print the explanation as JSON

Examples:
  headgate explain GET http://localhost:8080/api/users
  headgate explain POST https://shop.example/cart -H 'Cookie: group=b' --client 10.0.0.7
`,
  options: {
    ...configOption,
    header: { type: "string", short: "H", multiple: true },
    client: { type: "string" },
    json: { type: "boolean" },
  },
  operands: [2, 2],
  async run(args, terminal) {
    const request = parseRequest(args);
    const reading = await readConfig({ file: configFile(args) }, { env: terminal.env, lacks: host.lacks });
    if ("problems" in reading) throw new ConfigError(reading.problems);
    const explanation = explainByConfig(reading, request, host);
    terminal.print(
      `${args.has("json") ? JSON.stringify(explanation, undefined, 2) : describe(explanation)}\n`,
    );
    return 0;
  },
};

function parseRequest(args: Arguments): ExplainedRequest {
  const [method = "", url = ""] = args.operands;
  const client = args.text("client") ?? "127.0.0.1";
  if (isIP(client) === 0) throw new UsageError(`"${client}" is no address: give one such as 10.0.0.7`);
  return {
    method: method.toUpperCase(),
    url: parseUrl(url),
    headers: parseHeaders(args.texts("header")),
    client,
  };
}

function parseUrl(text: string): URL {
  const whole = text.startsWith("/") ? `http://localhost${text}` : text;
  if (!URL.canParse(whole))
    throw new UsageError(`"${text}" is no URL: give one such as http://localhost:8080/path`);
  return new URL(whole);
}

function parseHeaders(fields: readonly string[]): Headers {
  const headers = new Headers();
  for (const field of fields) {
    const [, name = "", value = ""] = /^([\w!#$%&'*+.^`|~-]+):\s*([^\r\n\0]*)$/.exec(field) ?? [];
    if (name === "") throw new UsageError(`"${field}" is no header field: give one such as 'x-group: b'`);
    headers.append(name, value);
  }
  return headers;
}

function describe(explanation: Explanation): string {
  const { listener, client, canonicalPath, refusal, route, why, action, upstream } = explanation;
  const { foundBy, target, servers, filters } = explanation;
  const lines: readonly (readonly [title: string, text: string | undefined])[] = [
    ["listener", listener],
    ["client", client],
    ["path", canonicalPath],
    ["refused", refusal && describeRefusal(refusal)],
    ...why.map(({ route: name, lost }) => ["not", `${name}: ${lost}`] as const),
    ["route", route ?? (refusal ? undefined : "none takes it: 404")],
    ["action", action],
    ["upstream", upstream],
    ...foundBy.map((source) => ["found by", `${source}, which is not asked here`] as const),
    ...filters.request.map((name) => ["request", name] as const),
    ["sent as", target],
    ...servers.map((server) => ["server", describeServer(server)] as const),
    ...filters.response.map((name) => ["answer", name] as const),
  ];
  return lines
    .flatMap(([title, text]) => (text === undefined ? [] : [`${title.padEnd(9)} ${text}`]))
    .join("\n");
}

function describeRefusal({ status, type, detail }: Refusal): string {
  return detail === undefined ? `${status} ${type}` : `${status} ${type}: ${detail}`;
}

function describeServer({ name, rank, why, weight, inflight, responseTimeMs }: ExplainedServer): string {
  const time = responseTimeMs === null ? "" : `, ${responseTimeMs} ms`;
  const place = rank === null ? " -" : String(rank).padStart(2);
  return `${place} ${name}: ${why} (weight ${weight}, ${inflight} in flight${time})`;
}
