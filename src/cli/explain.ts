import { ConfigError } from "../control/config-error.ts";
import { readConfig } from "../control/read-config.ts";
import type { Config } from "../config/config.ts";
import { host } from "../runtime/current.ts";
import { type Command, configFile, configOption, UsageError } from "./command.ts";

/** A request that is looked at and not sent. */
export interface ExplainedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly client: string;
}

/** Why a request goes where it goes. */
export interface Explanation {
  /** The route that takes it; undefined = none, 404. */
  readonly route: string | undefined;
  /** The routes before it, and why each of them lost. */
  readonly why: readonly { readonly route: string; readonly lost: string }[];
  readonly canonicalPath: string;
  readonly upstream: string | undefined;
  /** By name, in the order of the file. */
  readonly servers: readonly string[];
}

/** What the router knows: handed in, as only it can tell. */
export type ExplainRequest = (config: Config, request: ExplainedRequest) => Explanation;

/** Says which route a request takes, and why, without sending anything. */
export function createExplain(explainRequest: ExplainRequest): Command {
  return {
    name: "explain",
    summary: "say which route and servers a request would get, and why",
    help,
    options: {
      ...configOption,
      header: { type: "string", short: "H", multiple: true },
      client: { type: "string" },
      json: { type: "boolean" },
    },
    operands: [2, 2],
    async run(args, terminal) {
      const [method = "", text = ""] = args.operands;
      const reading = await readConfig({ file: configFile(args) }, { env: terminal.env, lacks: host.lacks });
      if ("problems" in reading) throw new ConfigError(reading.problems);
      const explanation = explainRequest(reading.config, {
        method: method.toUpperCase(),
        url: parseUrl(text),
        headers: parseHeaders(args.texts("header")),
        client: args.text("client") ?? "127.0.0.1",
      });
      terminal.print(
        args.has("json") ? `${JSON.stringify(explanation, undefined, 2)}\n` : describe(explanation),
      );
      return explanation.route === undefined ? 1 : 0;
    },
  };
}

const help = `Usage: headgate explain [-c FILE] METHOD URL [-H 'name: value'] [--client IP]

Says which route takes a request, why the others before it do not, and which servers could answer. Sends nothing. Exits
with 1 where no route takes it.

Options:
  -c, --config FILE     the configuration; default config.yaml
  -H, --header HEADER   a header field, as 'name: value'; may be repeated
      --client IP       the client's address; default 127.0.0.1
      --json            print the explanation as JSON

Examples:
  headgate explain GET http://localhost:8080/api/users
  headgate explain POST https://shop.example/cart -H 'Cookie: group=b' --client 10.0.0.7
`;

function parseUrl(text: string): URL {
  const whole = text.startsWith("/") ? `http://localhost${text}` : text;
  if (!URL.canParse(whole))
    throw new UsageError(`"${text}" is no URL: give one such as http://localhost:8080/path`);
  return new URL(whole);
}

function parseHeaders(fields: readonly string[]): Headers {
  const headers = new Headers();
  for (const field of fields) {
    const [, name = "", value = ""] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/s.exec(field) ?? [];
    if (name === "") throw new UsageError(`"${field}" is no header field: give one such as 'x-group: b'`);
    headers.append(name, value);
  }
  return headers;
}

function describe({ route, why, canonicalPath, upstream, servers }: Explanation): string {
  const lines = [
    `path      ${canonicalPath}`,
    ...why.map(({ route: name, lost }) => `not       ${name}: ${lost}`),
    `route     ${route ?? "none takes it: 404"}`,
    ...(upstream === undefined ? [] : [`upstream  ${upstream}`]),
    ...(servers.length === 0 ? [] : [`servers   ${servers.join(", ")}`]),
  ];
  return `${lines.join("\n")}\n`;
}
