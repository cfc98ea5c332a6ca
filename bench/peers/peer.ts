import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import type { Child } from "../child.ts";

/** Somebody who passes requests on, and how it is started. */
export interface Peer {
  readonly name: string;
  /** What must be on the PATH; undefined = it comes with the project. */
  readonly program: string | undefined;
  /** Its configuration, a file beside this one with `${…}` to fill in. */
  readonly template: string | undefined;
  readonly workers: number;
  /** What the template's `${ACCESS_LOG}` becomes. */
  readonly accessLog: string;
  /** The lines of its configuration that send one prefix to the upstream. */
  readonly toRoute: (prefix: string, index: number) => string;
  /** The line that names one server of the upstream. */
  readonly toServer: (port: number, index: number) => string;
  /** What makes its listener speak TLS; without it, the peer takes no part where TLS is asked for. */
  readonly toTls?: (files: TlsFiles) => string;
  readonly toCommand: (place: Place) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where a peer runs. */
export interface Place {
  readonly port: number;
  readonly upstreamPort: number;
  readonly configFile: string;
  /** A directory of its own. */
  readonly directory: string;
  readonly tls: TlsFiles | undefined;
}

/** A certificate and its key. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Both in one file. */
  readonly pemFile: string;
}

/** What a case asks of all peers alike. */
export interface Setting {
  readonly port: number;
  /** For those that have an admin. */
  readonly adminPort?: number;
  readonly upstreamPort: number;
  readonly directory: string;
  /** Prefixes that get a route each. */
  readonly routes: readonly string[];
  /** How many servers the upstream lists: the same one, so often. */
  readonly servers: number;
  readonly tls: TlsFiles | undefined;
}

/** Whether the peer can be started on this machine, and does what is asked. */
export function isPresent({ program, toTls }: Peer, needsTls: boolean): boolean {
  return (program === undefined || Bun.which(program) !== null) && (!needsTls || toTls !== undefined);
}

/** Writes the peer's configuration and starts it. */
export async function startPeer(peer: Peer, setting: Setting): Promise<Child> {
  const { port, upstreamPort, directory, tls } = setting;
  const configFile = join(directory, peer.template ?? "none");
  if (peer.template !== undefined) await writeFile(configFile, await fill(peer, setting));
  const command = peer.toCommand({ port, upstreamPort, configFile, directory, tls });
  const child = await startChild({ name: peer.name, command, port, ...(peer.env && { env: peer.env }) });
  return { ...child, adminPort: setting.adminPort };
}

async function fill(peer: Peer, setting: Setting): Promise<string> {
  const { port, upstreamPort, directory, routes, servers, tls } = setting;
  const template = await Bun.file(fileURLToPath(new URL(peer.template ?? "", import.meta.url))).text();
  const values: Readonly<Record<string, string>> = {
    PORT: String(port),
    ADMIN_PORT: String(setting.adminPort ?? 0),
    UPSTREAM_PORT: String(upstreamPort),
    DIRECTORY: directory,
    WORKERS: String(peer.workers),
    ACCESS_LOG: peer.accessLog.replace("DIRECTORY", directory),
    ROUTES: routes.map(peer.toRoute).join("\n"),
    SERVERS: Array.from({ length: servers }, (_, index) => peer.toServer(upstreamPort, index)).join("\n"),
    TLS: (tls && peer.toTls?.(tls)) ?? "",
    SCHEME: tls ? "https" : "http",
  };
  return template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
