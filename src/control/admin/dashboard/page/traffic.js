/** @import { HistoryAnswer, StatusAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
/** @import { LiveSeries, Point } from "./live-series.js" */
import { byId, element, setText } from "./elements.js";
import { formatMs, formatNumber } from "./format.js";
import { subjectKey } from "./live-series.js";
import { Plot } from "./plot.js";
import { addSegments } from "./segments.js";
import { pointsOfHistory } from "./stored-series.js";

const minuteMs = 60_000;

/** What can be chosen: what is live has no history before it but the last minutes. */
const ranges = /** @type {const} */ ([
  ["5", "Live"],
  ["60", "1 h"],
  ["360", "6 h"],
  ["1440", "24 h"],
  ["10080", "7 days"],
]);

/** The plots, of what and of when people choose. */
export class Traffic {
  #api;
  #series;
  #subject = byId("subject", HTMLSelectElement);
  #note = byId("plots-note", HTMLElement);
  #plots = [
    new Plot({ title: "Requests/s", lines: [["requests", ""]], format: formatNumber }),
    new Plot({ title: "Errors/s", lines: [["errors", ""]], format: formatNumber }),
    new Plot({
      title: "Response time",
      lines: [
        ["p50", "median"],
        ["p95", "p95"],
        ["p99", "p99"],
      ],
      format: formatMs,
    }),
  ];
  #minutes = 5;
  /** @type {readonly Point[]} */
  #stored = [];
  #storedAt = 0;
  /** What was asked for last; answers to other questions come too late. */
  #asked = 0;
  #subjects = "";

  /**
   * @param {Api} api
   * @param {LiveSeries} series
   */
  constructor(api, series) {
    this.#api = api;
    this.#series = series;
    byId("plots", HTMLElement).append(...this.#plots.map(({ figure }) => figure));
    for (const plot of this.#plots) plot.open();
    addSegments(byId("range", HTMLElement), ranges, (minutes) => this.#choose(Number(minutes)));
    this.#subject.addEventListener("change", () => this.#choose(this.#minutes));
  }

  /**
   * Goes on with what has just been heard.
   *
   * @param {StatusAnswer} status
   */
  show(status) {
    this.#offerSubjects(status);
    if (Date.now() - this.#storedAt > minuteMs) void this.#readStored();
    this.#draw();
  }

  /**
   * Shows one server in the plots.
   *
   * @param {string} upstream
   * @param {string} server
   */
  choose(upstream, server) {
    this.#subject.value = subjectKey(upstream, server);
    this.#choose(this.#minutes);
    byId("traffic-title", HTMLElement).scrollIntoView({ block: "center" });
    this.#subject.focus();
  }

  /** Draws in the colours of now. */
  repaint() {
    for (const plot of this.#plots) plot.repaint();
  }

  /** @param {number} minutes */
  #choose(minutes) {
    this.#minutes = minutes;
    this.#stored = [];
    void this.#readStored();
    this.#draw();
  }

  async #readStored() {
    this.#storedAt = Date.now();
    this.#asked += 1;
    const asked = this.#asked;
    const { points, note } = await this.#ask();
    if (asked !== this.#asked) return;
    this.#stored = points;
    setText(this.#note, note);
    this.#draw();
  }

  /** @returns {Promise<{ readonly points: readonly Point[], readonly note: string }>} */
  async #ask() {
    const [upstream = "", server = ""] = JSON.parse(this.#subject.value || "[]");
    const query = new URLSearchParams({ upstream, server, minutes: String(this.#minutes) });
    try {
      const history = /** @type {HistoryAnswer} */ (await this.#api.ask("GET", `api/history?${query}`));
      const points = pointsOfHistory(history, Date.now());
      const isEmpty = this.#minutes > 5 && points.length < 2;
      return { points, note: isEmpty ? "Nothing is stored of this time yet." : "" };
    } catch (error) {
      return { points: [], note: `Cannot show the past: ${/** @type {Error} */ (error).message}` };
    }
  }

  #draw() {
    const to = Date.now();
    const span = { from: to - this.#minutes * minuteMs, to };
    const points = this.#minutes === 5 ? this.#livePoints() : this.#stored;
    for (const plot of this.#plots) plot.show(points, span);
  }

  /** Stored minutes up to where this page began to listen, and seconds from then on. */
  #livePoints() {
    const live = this.#series.pointsOf(this.#subject.value);
    const begin = live[0]?.at ?? Date.now();
    const before = this.#stored.filter(({ at }) => at + minuteMs / 2 < begin);
    return [...before, ...live];
  }

  /** @param {StatusAnswer} status */
  #offerSubjects({ upstreams }) {
    const names = JSON.stringify(
      upstreams.map(({ name, servers }) => [name, servers.map((server) => server.name)]),
    );
    if (names === this.#subjects) return;
    this.#subjects = names;
    const chosen = this.#subject.value || subjectKey();
    const groups = upstreams.map(({ name, servers }) =>
      element(
        "optgroup",
        { label: name },
        element("option", { value: subjectKey(name) }, `All of ${name}`),
        ...servers.map((server) => element("option", { value: subjectKey(name, server.name) }, server.name)),
      ),
    );
    this.#subject.replaceChildren(element("option", { value: subjectKey() }, "all servers"), ...groups);
    this.#subject.value = chosen;
    if (this.#subject.value !== chosen) this.#subject.value = subjectKey();
  }
}
