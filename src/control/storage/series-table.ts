import type { Database } from "./database.ts";

/** How much time a point stands for, ms. */
export const stepMs = 60_000;

/** How long points are kept, ms. */
export const keptMs = 7 * 86_400_000;

/** What a series is about: a server, an upstream (server ""), or everything (both ""). */
export interface Subject {
  readonly upstream: string;
  readonly server: string;
}

/** One minute: what was counted in it, and, as they stood at its end, requests in flight and the reported load. */
export interface Point {
  /** The beginning of the minute, ms since 1970. */
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly inflight: number;
  readonly load: number | null;
  /** ms; null without traffic. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Stores a point; one of the same minute, from before a restart, is added to. Points that are too old go. */
export function writePoint(database: Database, subject: Subject, point: Point): void {
  const id = subjectId(database, subject) ?? addSubject(database, subject);
  const { at, requests, errors, bytesIn, bytesOut, inflight, load, p50, p95, p99 } = point;
  database.prepare(upsert).run(id, at, requests, errors, bytesIn, bytesOut, inflight, load, p50, p95, p99);
  database.prepare("DELETE FROM series WHERE subject = ? AND at < ?").run(id, at - keptMs);
}

const upsert = `
  INSERT INTO series (subject, at, requests, errors, bytes_in, bytes_out, inflight, load, p50, p95, p99)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, errors = errors + excluded.errors,
    bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
    inflight = excluded.inflight, load = coalesce(excluded.load, load),
    p50 = coalesce(excluded.p50, p50), p95 = coalesce(excluded.p95, p95), p99 = coalesce(excluded.p99, p99)`;

/** Reads the points from an instant on, oldest first; undefined where nothing was ever stored of it. */
export function readPoints(database: Database, subject: Subject, fromMs: number): Point[] | undefined {
  const id = subjectId(database, subject);
  if (id === undefined) return undefined;
  return database.prepare(select).all(id, fromMs) as unknown as Point[];
}

const select = `
  SELECT at, requests, errors, bytes_in AS bytesIn, bytes_out AS bytesOut, inflight, load, p50, p95, p99
  FROM series WHERE subject = ? AND at >= ? ORDER BY at`;

/** Forgets the points of one subject, after this one, that are too old, and the subject where it has none; gives its id. */
export function sweepSeries(database: Database, afterId: number, nowMs: number): number {
  const row = database.prepare("SELECT id FROM subjects WHERE id > ? ORDER BY id LIMIT 1").get(afterId);
  if (!row) return 0;
  const id = Number(row["id"]);
  database.transact(() => {
    database.prepare("DELETE FROM series WHERE subject = ? AND at < ?").run(id, nowMs - keptMs);
    database
      .prepare("DELETE FROM subjects WHERE id = ? AND NOT EXISTS (SELECT 1 FROM series WHERE subject = id)")
      .run(id);
  });
  return id;
}

function subjectId(database: Database, { upstream, server }: Subject): number | undefined {
  const row = database
    .prepare("SELECT id FROM subjects WHERE upstream = ? AND server = ?")
    .get(upstream, server);
  return row && Number(row["id"]);
}

function addSubject(database: Database, { upstream, server }: Subject): number {
  const { lastInsertRowid } = database
    .prepare("INSERT INTO subjects (upstream, server) VALUES (?, ?)")
    .run(upstream, server);
  return Number(lastInsertRowid);
}
