import type { Board } from "../../board/board.ts";
import { addHistogram, emptyHistogram, type Histogram, quantilesIn } from "../../board/histogram.ts";
import type { Totals } from "../../board/totals.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { Time, Timer } from "../../runtime/host.ts";
import type { Database } from "./database.ts";
import { addCounted, type Counted, countedSince, isIdle, nothing, pointOf, withRunning } from "./minute.ts";
import {
  keptMs,
  type Point,
  readPoints,
  stepMs,
  type Subject,
  sweepSeries,
  writePoint,
} from "./series-table.ts";
import { forgetServers, readTotals, type StoredServer, writeTotals } from "./servers-table.ts";
import type { Storage } from "./storage.ts";

/** What a recorder works with. */
export interface RecorderOptions {
  readonly storage: Storage;
  readonly board: Board;
  readonly time: Time;
}

/** A server whose numbers are recorded. */
interface Recorded extends StoredServer {
  readonly row: number;
  /** The totals when the running minute began. */
  before: Totals;
}

/** So many servers are read and written in one go: about a millisecond, since requests wait meanwhile. */
const SLICE = 25;

/** Writes what servers have counted, and a point a minute of each, of each upstream and of everything. */
export class Recorder {
  readonly #options: RecorderOptions;
  #servers: readonly Recorded[] = [];
  #minuteAt: number;
  #sweptId = 0;
  /** The minute that is being written, slice by slice. */
  #writing: Writing | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#minuteAt = minuteOf(options.time.now());
  }

  /** Records the servers of this snapshot from now on; those that are new count on from what is stored of them. */
  follow(snapshot: Snapshot): void {
    const known = new Map(this.#servers.map((server) => [keyOf(server), server]));
    const wanted = serversOf(snapshot);
    const kept = new Set(wanted.map(keyOf));
    const gone = this.#servers.filter((server) => !kept.has(keyOf(server)));
    if (gone.length > 0) new Writing(gone, this.#minuteAt, this.#options).finish();
    this.#servers = wanted.map((server) => known.get(keyOf(server)) ?? this.#begin(server));
  }

  /** To be called every second. */
  tick(nowMs: number): void {
    const { storage } = this.#options;
    const minuteAt = minuteOf(nowMs);
    storage.use((database) => {
      this.#sweptId = sweepSeries(database, this.#sweptId, nowMs);
    });
    if (minuteAt === this.#minuteAt) return;
    this.#writing?.finish();
    this.#writing = new Writing(this.#servers, this.#minuteAt, this.#options);
    this.#minuteAt = minuteAt;
    this.#writing.start();
    storage.write((database) => forgetServers(database, nowMs - keptMs));
  }

  /** Writes at once what there is. */
  finish(): void {
    this.#writing?.finish();
    this.#writing = undefined;
    new Writing(this.#servers, this.#minuteAt, this.#options).finish();
  }

  /** The points from an instant on, with the running minute; undefined for what is neither configured nor stored. */
  history(subject: Subject, fromMs: number, nowMs: number): Point[] | undefined {
    const { storage, board } = this.#options;
    const stored = storage.use((database) => readPoints(database, subject, fromMs));
    const members = this.#servers.filter(isIn(subject));
    if (members.length === 0 && subject.upstream !== "") return stored;
    const counted = members.map(({ row, before }) => countedSince(before, board.totals(row)));
    const standing = standingOf(members, board, { nowMs, spanMs: nowMs - this.#minuteAt + 1 });
    return withRunning(stored ?? [], pointOf(this.#minuteAt, counted.reduce(addCounted, nothing), standing));
  }

  #begin(server: StoredServer & { readonly row: number }): Recorded {
    const { storage, board } = this.#options;
    const stored = storage.use((database) => readTotals(database, server));
    const { requests } = board.totals(server.row); // a row that was kept has counted on already
    if (stored && stored.requests > requests) board.addTotals(server.row, stored);
    return { ...server, before: board.totals(server.row) };
  }
}

/** What adds up over the servers of an upstream, or over all. */
interface Group {
  counted: Counted;
  inflight: number;
  readonly times: Histogram;
}

/** One minute on its way into the file. */
class Writing {
  readonly #options: RecorderOptions;
  readonly #at: number;
  readonly #groups = new Map<string, Group>();
  #left: readonly Recorded[];
  #timer: Timer | undefined;
  #isDone = false;

  constructor(servers: readonly Recorded[], at: number, options: RecorderOptions) {
    this.#left = servers;
    this.#at = at;
    this.#options = options;
  }

  /** Writes a slice now, and the others when requests have had their turn. */
  start(): void {
    if (this.#isDone) return;
    const { storage, time } = this.#options;
    this.#step();
    const goOn = (): void => {
      this.#timer = time.after(0, () => this.start());
    };
    if (storage.isUnsettled()) void storage.settle().then(goOn);
    else goOn();
  }

  /** Writes all that is left. */
  finish(): void {
    this.#timer?.stop();
    while (!this.#isDone) this.#step();
  }

  #step(): void {
    const slice = this.#left.slice(0, SLICE);
    this.#left = this.#left.slice(SLICE);
    this.#isDone = slice.length === 0;
    this.#options.storage.write((database) => {
      for (const server of slice) this.#writeServer(database, server);
      if (this.#isDone) this.#writeGroups(database);
    });
  }

  #writeServer(database: Database, server: Recorded): void {
    const { board, time } = this.#options;
    const totals = board.totals(server.row);
    const group: Group = {
      counted: countedSince(server.before, totals),
      inflight: board.inflight(server.row),
      times: board.histogramOf(server.row, this.#at + stepMs - 1, stepMs),
    };
    server.before = totals;
    for (const upstream of ["", server.upstream]) addGroup(this.#groupOf(upstream), group);
    this.#writePoint(database, server, { ...group, load: loadOf(server.row, board) });
    writeTotals(database, server, { totals, nowMs: time.now() });
  }

  #writeGroups(database: Database): void {
    for (const [upstream, group] of this.#groups)
      this.#writePoint(database, { upstream, server: "" }, { ...group, load: null });
  }

  #groupOf(upstream: string): Group {
    const group = this.#groups.get(upstream) ?? { counted: nothing, inflight: 0, times: emptyHistogram() };
    this.#groups.set(upstream, group);
    return group;
  }

  #writePoint(
    database: Database,
    subject: Subject,
    { counted, inflight, times, load }: Group & { readonly load: number | null },
  ): void {
    const point = pointOf(this.#at, counted, { inflight, load, times: quantilesIn(times) });
    if (!isIdle(point)) writePoint(database, subject, point);
  }
}

function addGroup(group: Group, { counted, inflight, times }: Group): void {
  group.counted = addCounted(group.counted, counted);
  group.inflight += inflight;
  if (times.count > 0) addHistogram(group.times, times);
}

function minuteOf(nowMs: number): number {
  return Math.floor(nowMs / stepMs) * stepMs;
}

function serversOf({ config, rows }: Snapshot): (StoredServer & { readonly row: number })[] {
  return Object.entries(config.upstreams).flatMap(([upstream, { servers }]) =>
    servers.map(({ name, url }) => ({ upstream, server: name, url, row: rows[upstream]?.[name] ?? 0 })),
  );
}

function keyOf({ upstream, server, url, row }: StoredServer & { readonly row: number }): string {
  return JSON.stringify([upstream, server, url, row]);
}

function isIn({ upstream, server }: Subject): (member: Subject) => boolean {
  return (member) =>
    (upstream === "" || upstream === member.upstream) && (server === "" || server === member.server);
}

function standingOf(
  members: readonly Recorded[],
  board: Board,
  { nowMs, spanMs }: { readonly nowMs: number; readonly spanMs: number },
) {
  const rows = members.map(({ row }) => row);
  const [only] = rows;
  return {
    inflight: rows.reduce((sum, row) => sum + board.inflight(row), 0),
    load: rows.length === 1 && only !== undefined ? loadOf(only, board) : null,
    times: board.quantilesOf(rows, nowMs, spanMs),
  };
}

function loadOf(row: number, board: Board): number | null {
  const load = Number(board.reportedLoad(row).toPrecision(6));
  return Number.isNaN(load) ? null : load;
}
