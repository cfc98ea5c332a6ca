/** @import { StatusAnswer } from "../../answers.ts" */

/** How many points are kept of everything that is shown: one a second, five minutes. */
const mostPoints = 300;

/**
 * One instant of a server, an upstream, or everything; requests and errors a second.
 *
 * @typedef {object} Point
 * @property {number} at ms since 1970
 * @property {number | null} requests null where nothing is known of that time
 * @property {number | null} errors the same
 * @property {number | null} p50 ms; null without traffic
 * @property {number | null} p95 the same
 * @property {number | null} p99 the same
 */

/** @typedef {{ readonly requests: number, readonly errors: number }} Counts */
/** @typedef {{ readonly p50: number, readonly p95: number, readonly p99: number } | null} Times */
/** @typedef {{ readonly key: string, readonly counts: Counts, readonly times: Times }} Subject */

/**
 * Under which name the numbers of a server, an upstream (no server) or everything (neither) are kept.
 *
 * @param {string} [upstream]
 * @param {string} [server]
 * @returns {string}
 */
export function subjectKey(upstream, server) {
  return JSON.stringify([upstream, server].filter((name) => name !== undefined));
}

/** Makes numbers a second of counters, and keeps them for the plots. */
export class LiveSeries {
  /** @type {Map<string, Point[]>} */
  #points = new Map();
  /** @type {Map<string, Counts>} */
  #counted = new Map();
  #uptimeMs = 0;

  /**
   * Takes a status that has just come.
   *
   * @param {StatusAnswer} status
   * @param {number} at ms since 1970
   */
  hear(status, at) {
    const seconds = (status.uptimeMs - this.#uptimeMs) / 1000;
    if (seconds === 0) return;
    const subjects = subjectsIn(status);
    if (seconds > 0 && this.#uptimeMs > 0) {
      for (const subject of subjects) this.#add(subject, { at, seconds });
      this.#forgetOthers(subjects);
    }
    this.#uptimeMs = status.uptimeMs;
    this.#counted = new Map(subjects.map(({ key, counts }) => [key, counts]));
  }

  /**
   * The points of a subject, oldest first.
   *
   * @param {string} key
   * @returns {readonly Point[]}
   */
  pointsOf(key) {
    return this.#points.get(key) ?? [];
  }

  /**
   * Requests and errors a second over the last points.
   *
   * @param {string} key
   * @param {number} count
   * @returns {Counts}
   */
  mean(key, count) {
    const last = this.pointsOf(key).slice(-count);
    const sum = (/** @type {"requests" | "errors"} */ what) =>
      last.reduce((total, point) => total + (point[what] ?? 0), 0) / Math.max(1, last.length);
    return { requests: sum("requests"), errors: sum("errors") };
  }

  /**
   * @param {Subject} subject
   * @param {{ readonly at: number, readonly seconds: number }} instant
   */
  #add({ key, counts, times }, { at, seconds }) {
    const before = this.#counted.get(key);
    if (!before) return;
    const points = this.#points.get(key) ?? [];
    this.#points.set(key, points);
    const rate = (/** @type {"requests" | "errors"} */ what) =>
      Math.max(0, counts[what] - before[what]) / seconds;
    const isAfterGap = seconds > 5 && points.length > 0;
    if (isAfterGap) points.push({ ...unknown, at: at - 1000 });
    points.push({ ...unknown, ...times, at, requests: rate("requests"), errors: rate("errors") });
    points.splice(0, points.length - mostPoints);
  }

  /** @param {readonly Subject[]} subjects */
  #forgetOthers(subjects) {
    const known = new Set(subjects.map(({ key }) => key));
    for (const key of this.#points.keys()) if (!known.has(key)) this.#points.delete(key);
  }
}

const unknown = { requests: null, errors: null, p50: null, p95: null, p99: null };

/**
 * @param {StatusAnswer} status
 * @returns {readonly Subject[]}
 */
function subjectsIn({ upstreams, recentResponseTimeMs }) {
  const groups = upstreams.map(({ name, servers, recentResponseTimeMs: times }) => ({
    key: subjectKey(name),
    counts: sumOf(servers),
    times,
  }));
  const members = upstreams.flatMap(({ name, servers }) =>
    servers.map((server) => ({
      key: subjectKey(name, server.name),
      counts: server,
      times: server.recentResponseTimeMs,
    })),
  );
  const all = sumOf(groups.map(({ counts }) => counts));
  return groups.concat({ key: subjectKey(), counts: all, times: recentResponseTimeMs }, members);
}

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
function sumOf(all) {
  return {
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  };
}
