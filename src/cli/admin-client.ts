import { readFile } from "node:fs/promises";

import { parseBind } from "../config/bind.ts";
import { loadConfig } from "../config/load.ts";
import { host } from "../runtime/current.ts";
import { type Arguments, configFile, type Terminal } from "./command.ts";

/** How a command finds a running Headgate. */
export interface AdminAddress {
  readonly url: string;
  readonly token: string;
}

/** The options of every command that talks to a running Headgate. */
export const adminOptions = {
  config: { type: "string", short: "c" },
  admin: { type: "string" },
  token: { type: "string" },
} as const;

/** The lines of help for them. */
export const adminHelp = `  -c, --config FILE   the configuration that says where the admin listens; default config.yaml
      --admin URL     where it listens, instead; such as http://127.0.0.1:9900
      --token TOKEN   its token; default \${HEADGATE_TOKEN}, then the configuration's`;

/** Where the admin listens: by the options, else by the configuration, else at its default address. */
export async function findAdmin(args: Arguments, terminal: Terminal): Promise<AdminAddress> {
  const given = args.text("token") ?? terminal.env["HEADGATE_TOKEN"];
  const url = args.text("admin");
  if (url !== undefined) return { url: url.replace(/\/+$/, ""), token: given ?? "" };
  const { bind, token } = await readAdmin(configFile(args), terminal);
  if (bind === false) throw new Error("Cannot reach the admin: the configuration has it off");
  return { url: toUrl(bind), token: given ?? token };
}

/** What is asked of the admin. */
export interface AdminRequest {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: object;
}

/** Asks the admin. Rejects with a line for people where it cannot be reached. */
export async function askAdmin(
  { url, token }: AdminAddress,
  path: string,
  { method = "GET", body }: AdminRequest = {},
): Promise<Response> {
  const client = host.createClient({ idleTimeoutMs: 1_000, tls: undefined }); // HTTP_PROXY must not divert it
  const headers = new Headers(token === "" ? {} : { authorization: `Bearer ${token}` });
  try {
    return await client.fetch(`${url}${path}`, {
      method,
      headers,
      body: body === undefined ? null : new TextEncoder().encode(JSON.stringify(body)),
      signal: AbortSignal.timeout(limitMs),
    });
  } catch (error) {
    const reason =
      error instanceof Error && error.name === "TimeoutError" ? "it does not answer" : "nobody listens there";
    throw new Error(`Cannot reach the admin at ${url}: ${reason}`, { cause: error });
  }
}

const limitMs = 10_000;

const unset = { bind: "127.0.0.1:9900", token: "" } as const;

async function readAdmin(file: string, { env }: Terminal): Promise<{ bind: string | false; token: string }> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return unset;
  const loaded = loadConfig(text, { file, env });
  if ("config" in loaded) return loaded.config.admin;
  throw new Error(
    `Cannot find the admin: "${file}" is not valid, say --admin URL or run "headgate check -c ${file}"`,
  );
}

function toUrl(bind: string): string {
  const { hostname, port } = parseBind(bind) ?? { hostname: "127.0.0.1", port: 9900 };
  const isWildcard = ["", "0.0.0.0", "::"].includes(hostname);
  const name = isWildcard ? "127.0.0.1" : hostname;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
