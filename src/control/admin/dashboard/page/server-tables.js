/** @import { ServerAnswer, StatusAnswer } from "../../answers.ts" */
/** @import { LiveSeries } from "./live-series.js" */
/** @import { RowActions } from "./server-row.js" */
/** @import { ServerName } from "./server-orders.js" */
import { byId, element, setText } from "./elements.js";
import { subjectKey } from "./live-series.js";
import { addSegments } from "./segments.js";
import { ServerRow } from "./server-row.js";
import { UpstreamSection } from "./upstream-section.js";

/** All servers, a table an upstream. Only what has changed is written. */
export class ServerTables {
  #root = byId("upstreams", HTMLElement);
  #count = byId("servers-count", HTMLElement);
  #filter = byId("filter", HTMLInputElement);
  #actions;
  #series;
  /** @type {Map<string, ServerRow>} */
  #rows = new Map();
  /** @type {Map<string, UpstreamSection>} */
  #groups = new Map();
  #shape = "";
  #only = "all";
  #seen = new IntersectionObserver((entries) => this.#see(entries));
  /** @type {WeakMap<Element, ServerRow>} */
  #rowOf = new WeakMap();

  /**
   * @param {LiveSeries} series
   * @param {RowActions} actions
   */
  constructor(series, actions) {
    this.#series = series;
    this.#actions = actions;
    this.#filter.addEventListener("input", () => this.#sift());
    const choices = /** @type {const} */ ([
      ["all", "All"],
      ["up", "Up"],
      ["not-up", "Not up"],
    ]);
    addSegments(byId("only", HTMLElement), choices, (only) => {
      this.#only = only;
      this.#sift();
    });
  }

  /** @param {StatusAnswer} status */
  show({ upstreams }) {
    const shape = JSON.stringify(
      upstreams.map(({ name, servers }) => [name, servers.map((server) => server.name)]),
    );
    if (shape !== this.#shape) this.#rebuild(upstreams);
    this.#shape = shape;
    for (const upstream of upstreams) {
      for (const server of upstream.servers)
        this.showServer({ upstream: upstream.name, server: server.name }, server);
      this.#groups.get(upstream.name)?.show(upstream);
    }
    this.#sift();
  }

  /**
   * Shows how one server stands.
   *
   * @param {ServerName} name
   * @param {ServerAnswer} server
   */
  showServer(name, server) {
    const key = subjectKey(name.upstream, name.server);
    const { requests: rate } = this.#series.mean(key, 5);
    this.#rows.get(key)?.show(server, { points: this.#series.pointsOf(key), rate });
  }

  /** @param {StatusAnswer["upstreams"]} upstreams */
  #rebuild(upstreams) {
    const focused = document.activeElement; // a row that moves loses it
    const before = this.#rows;
    this.#rows = new Map();
    for (const { name, servers } of upstreams) {
      for (const server of servers) {
        const key = subjectKey(name, server.name);
        this.#rows.set(key, before.get(key) ?? this.#newRow({ upstream: name, server: server.name }));
      }
    }
    this.#groups = new Map(
      upstreams.map(({ name, servers }) => [name, new UpstreamSection(name, this.#rowsOf(name, servers))]),
    );
    const sections = [...this.#groups.values()].map(({ section }) => section);
    this.#root.replaceChildren(...(sections.length > 0 ? sections : [nothing()]));
    if (focused instanceof HTMLElement && this.#root.contains(focused))
      focused.focus({ preventScroll: true });
  }

  /** @param {ServerName} name */
  #newRow(name) {
    const made = new ServerRow(name, this.#actions);
    this.#rowOf.set(made.row, made);
    this.#seen.observe(made.row);
    return made;
  }

  /**
   * @param {string} upstream
   * @param {readonly ServerAnswer[]} servers
   */
  #rowsOf(upstream, servers) {
    return servers.flatMap(({ name }) => this.#rows.get(subjectKey(upstream, name)) ?? []);
  }

  /** Hides what is not looked for. */
  #sift() {
    const wanted = this.#filter.value.trim().toLowerCase();
    let shown = 0;
    for (const [name, { section, rows }] of this.#groups) {
      const isNamed = name.toLowerCase().includes(wanted);
      for (const row of rows)
        row.row.hidden = !this.#isWanted(row) || !(isNamed || row.words.includes(wanted));
      const here = rows.filter(({ row }) => !row.hidden).length;
      section.hidden = here === 0 && (wanted !== "" || this.#only !== "all");
      shown += here;
    }
    setText(this.#count, this.#describeCount(shown));
  }

  /** @param {ServerRow} row */
  #isWanted({ state }) {
    return this.#only === "all" || (state === "up") === (this.#only === "up");
  }

  /** @param {number} shown */
  #describeCount(shown) {
    const all = [...this.#rows.values()];
    const away = all.filter(({ state }) => state !== "up").length;
    const title = away === 0 ? "Headgate" : `${away} not up · Headgate`;
    if (document.title !== title) document.title = title;
    if (all.length === 0) return "none";
    const count = shown === all.length ? `${all.length}` : `${shown} of ${all.length}`;
    return `${count} ${all.length === 1 ? "server" : "servers"}, ${away === 0 ? "all up" : `${away} not up`}`;
  }

  /** @param {readonly IntersectionObserverEntry[]} entries */
  #see(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.#rowOf.get(target);
      if (row) row.isSeen = isIntersecting;
    }
  }
}

function nothing() {
  return element("p", { class: "empty" }, "No upstream is configured: this proxy answers by itself.");
}
