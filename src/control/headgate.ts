import { describeProblem } from "../config/problem.ts";
import type { ListenerAddress } from "../data/plane.ts";
import type { Timer } from "../runtime/host.ts";
import type { HostListener } from "../runtime/listener.ts";
import { Announcements } from "./announcements.ts";
import { type FileWatch, watchFiles } from "./configuration/file-watch.ts";
import { RefreshSchedule } from "./discovery/refresh-schedule.ts";
import { describeUrl } from "./describe-url.ts";
import type { HeadgateParts } from "./headgate-parts.ts";
import { openAdmin } from "./open-admin.ts";
import { beginCluster } from "./open-cluster.ts";
import { watchedCertificates, watchedFiles } from "./configuration/named-files.ts";
import type { ConfigSource } from "./configuration/read-config.ts";
import type { ReloadResult } from "./configuration/reloader.ts";
import { shutDown } from "./shutdown.ts";

const tickMs = 1_000;

/** A reload would open listeners that are just being closed. */
const isStopping: ReloadResult = {
  problems: [{ file: "", line: 0, column: 0, path: "", message: "Cannot reload: the proxy is stopping" }],
};

/** A running Headgate: what can be asked of it until it is stopped. */
export class Headgate {
  readonly #parts: HeadgateParts;
  readonly #tell: Announcements;
  readonly #startedMs: number;
  readonly #refreshing: RefreshSchedule;
  #admin: HostListener | undefined;
  #ticking: Timer | undefined;
  #watch: FileWatch | undefined;
  #isReady = false;
  #source: ConfigSource;

  constructor(parts: HeadgateParts) {
    this.#parts = parts;
    this.#tell = new Announcements(parts);
    this.#source = parts.source;
    this.#startedMs = parts.host.time.monotonicMs();
    const { time } = parts.host;
    this.#refreshing = new RefreshSchedule({ time, run: () => this.#refreshServers() });
  }

  /** Opens the admin, and begins all that goes on by itself; ends the crew where it cannot. */
  async open(): Promise<void> {
    const { host, crew } = this.#parts;
    try {
      this.#admin = this.#openAdmin();
      this.#watch = await this.#openWatch();
    } catch (error) {
      this.#admin?.abort();
      await crew.close();
      throw error;
    }
    this.#keepConfig();
    this.#ticking = host.time.every(tickMs, () => this.#tick());
    this.#isReady = true;
    this.#tell.start(this.adminUrl);
    this.#parts.discovery.begin(() => this.#refreshing.request());
    beginCluster(this.#parts, () => this.#followServers());
  }

  /** Where the listeners accept. */
  get addresses(): readonly ListenerAddress[] {
    return this.#parts.crew.addresses();
  }

  /** `http://host:port` of the admin; undefined where it is off. */
  get adminUrl(): string | undefined {
    return this.#admin && describeUrl(this.#admin);
  }

  /** Runs the source, or what it last ran as it is now: all of it, or nothing. Says in the log what came of it. */
  async reload(source: ConfigSource = this.#source): Promise<ReloadResult> {
    const before = this.addresses;
    const result = this.#isReady ? await this.#parts.reloader.reload(source) : isStopping;
    if ("problems" in result) {
      this.#tell.refusal(result.problems.map(describeProblem));
      return result;
    }
    this.#source = source;
    if (result.changes.length > 0) this.#keepConfig();
    await this.#watch?.renew();
    this.#tell.reload(result.changes, before);
    return result;
  }

  /** Opens the access log's file anew, after it was rotated. */
  reopenLog(): void {
    this.#parts.crew.reopenLog();
  }

  /** Says no to readiness probes, and ends without cutting an exchange, if they end in the time for it. */
  async stop(): Promise<void> {
    const { grace, drain } = this.#parts.reloader.running.read.config.shutdown;
    this.#isReady = false;
    this.#watch?.close();
    this.#refreshing.stop();
    this.#parts.discovery.stop();
    const openExchanges = () => this.#parts.board.exchanges();
    const { time } = this.#parts.host;
    await shutDown({ ...this.#parts, time, graceMs: grace, drainMs: drain, openExchanges });
    this.#ticking?.stop();
    const { health, keeper, cluster } = this.#parts;
    await cluster?.stop();
    keeper.close((row) => health.healthOf(row));
    health.stop();
    await this.#parts.exporter.close();
    this.#admin?.abort();
    this.#parts.log.info("stopped");
  }

  #keepConfig(): void {
    const { keeper, exporter, reloader } = this.#parts;
    const { read, loadedAt } = reloader.running;
    exporter.follow(read.config.tracing);
    this.#followServers();
    keeper.keepConfig(read, loadedAt);
  }

  /** Tells who keeps numbers of servers which ones there are now. */
  #followServers(): void {
    const { keeper, cluster, reloader } = this.#parts;
    keeper.follow(reloader.running.snapshot);
    cluster?.follow(reloader.running.snapshot);
  }

  #openAdmin(): HostListener | undefined {
    return openAdmin({
      ...this.#parts,
      startedMs: this.#startedMs,
      isReady: () => this.#isReady,
      reload: () => this.reload(),
    });
  }

  async #openWatch(): Promise<FileWatch> {
    const { watch = false, source, reloader, host, log } = this.#parts;
    const isWhole = watch && ("file" in source || "make" in source);
    return watchFiles({
      files: () => (isWhole ? watchedFiles : watchedCertificates)(reloader.running.read),
      changed: async () => {
        await (isWhole ? this.reload() : this.#refreshCertificates());
      },
      time: host.time,
      failed: (directory, error) => log.warn("cannot watch", { directory, reason: String(error) }),
    });
  }

  async #refreshCertificates(): Promise<void> {
    if (!this.#isReady) return;
    const { log, reloader } = this.#parts;
    const { changes, problems } = await reloader.refreshCertificates();
    for (const problem of problems) log.error(describeProblem(problem));
    if (problems.length > 0) log.error("certificates kept: these files cannot be used");
    if (changes.length === 0) return;
    this.#tell.warnings();
    log.info("certificates replaced", { changes: changes.join(", ") });
  }

  /** False where they could not be taken in. */
  async #refreshServers(): Promise<boolean> {
    const { reloader } = this.#parts;
    try {
      const changes = await reloader.refreshServers();
      if (changes.length > 0) this.#followServers();
      this.#tell.foundServers(changes);
      return true;
    } catch (error) {
      this.#tell.unusableServers(error);
      return false;
    }
  }

  #tick(): void {
    const nowMs = this.#parts.host.time.now();
    this.#parts.board.tick(nowMs);
    this.#parts.rows.sweep(nowMs);
    this.#parts.health.tick();
    this.#parts.keeper.tick(nowMs, (row) => this.#parts.health.healthOf(row));
  }
}
