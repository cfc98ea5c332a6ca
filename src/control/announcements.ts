import { describeProblem } from "../config/problem.ts";
import type { ListenerAddress } from "../data/plane.ts";
import type { Host } from "../runtime/host.ts";
import type { Crew } from "./workers/crew.ts";
import { describeUrl } from "./describe-url.ts";
import type { Log } from "./log.ts";
import type { Reloader } from "./configuration/reloader.ts";
import { version } from "./version.ts";

/** What announcements are made of. */
export interface AnnouncementParts {
  readonly host: Host;
  readonly log: Log;
  readonly crew: Crew;
  readonly reloader: Reloader;
}

/** More changes are counted, not named. */
const mostNamed = 10;

/** What a running Headgate tells of itself in the log. */
export class Announcements {
  readonly #parts: AnnouncementParts;
  #isRefused = false;

  constructor(parts: AnnouncementParts) {
    this.#parts = parts;
  }

  /** Everything is open. */
  start(adminUrl: string | undefined): void {
    const { log, host, crew, reloader } = this.#parts;
    this.warnings();
    this.#addresses(crew.addresses());
    if (adminUrl !== undefined) log.info("admin listening", { url: adminUrl });
    const { path } = reloader.running.read;
    log.info("ready", {
      version,
      runtime: `${host.name}-${host.version}`,
      workers: crew.workerCount(),
      config: path,
    });
  }

  /** What does not keep the configuration from running. */
  warnings(): void {
    const { log, reloader } = this.#parts;
    for (const warning of reloader.running.read.warnings) log.warn(describeProblem(warning));
  }

  /** Other servers are found than before, and are in use. */
  foundServers(changes: readonly string[]): void {
    this.#isRefused = false;
    if (changes.length === 0) return;
    const { log, reloader } = this.#parts;
    log.info("servers found", { version: reloader.running.snapshot.version, changes: nameSome(changes) });
  }

  /** The servers that are found cannot be taken in. Said once, until they can. */
  unusableServers(error: unknown): void {
    if (!this.#isRefused)
      this.#parts.log.error("cannot take in the servers that are found", { reason: String(error) });
    this.#isRefused = true;
  }

  /** Another configuration runs; `before` is where the listeners accepted until then. */
  reload(changes: readonly string[], before: readonly ListenerAddress[]): void {
    const { log, crew, reloader } = this.#parts;
    if (changes.length === 0) return log.info("reloaded: nothing has changed");
    const known = new Set(before.map(({ name, port }) => `${name} ${port}`));
    this.#addresses(crew.addresses().filter(({ name, port }) => !known.has(`${name} ${port}`)));
    this.warnings();
    log.info("reloaded", { version: reloader.running.snapshot.version, changes: nameSome(changes) });
  }

  /** A configuration was refused. */
  refusal(problems: readonly string[]): void {
    const { log } = this.#parts;
    for (const problem of problems) log.error(problem);
    log.error("reload refused: the configuration before it goes on", { problems: problems.length });
  }

  #addresses(addresses: readonly ListenerAddress[]): void {
    const { log, reloader } = this.#parts;
    const { listeners } = reloader.running.read.config;
    for (const address of addresses) {
      const scheme = listeners[address.name]?.tls === undefined ? "http" : "https";
      log.info("listening", { listener: address.name, url: describeUrl(address, scheme) });
    }
  }
}

/** A cluster may change a thousand things at a time. */
function nameSome(changes: readonly string[]): string {
  const more = changes.length > mostNamed ? ` and ${changes.length - mostNamed} more` : "";
  return changes.slice(0, mostNamed).join(", ") + more;
}
