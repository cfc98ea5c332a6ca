/** @import { StatusAnswer } from "../../answers.ts" */
/** @import { LiveSeries } from "./live-series.js" */
import { byId, element, setAttribute, setText } from "./elements.js";
import { formatMs, formatNumber, formatShare } from "./format.js";
import { subjectKey } from "./live-series.js";

/** Rates are means over so many seconds, so that they can be read. */
const seconds = 5;

/** The numbers above the plots: how everything stands at this moment. */
export class Figures {
  /** @type {Map<string, HTMLElement>} */
  #values = new Map();
  #refused = { total: 0, uptimeMs: 0 };

  constructor() {
    const root = byId("figures", HTMLElement);
    for (const name of [
      "Requests/s",
      "Errors",
      "Median",
      "p95",
      "p99",
      "In flight",
      "Waiting",
      "Refused/s",
    ]) {
      const value = element("dd", {}, "–");
      this.#values.set(name, value);
      root.append(element("div", {}, element("dt", {}, name), value));
    }
  }

  /**
   * @param {StatusAnswer} status
   * @param {LiveSeries} series
   */
  show(status, series) {
    const { requests, errors } = series.mean(subjectKey(), seconds);
    const share = requests > 0 ? errors / requests : 0;
    const times = status.recentResponseTimeMs;
    this.#write("Requests/s", formatNumber(requests));
    this.#write("Errors", formatShare(share), share > 0);
    this.#write("Median", formatMs(times?.p50));
    this.#write("p95", formatMs(times?.p95));
    this.#write("p99", formatMs(times?.p99));
    this.#write("In flight", formatNumber(status.inflight));
    this.#write("Waiting", formatNumber(status.waiting));
    this.#write("Refused/s", formatNumber(this.#refusedPerSecond(status)));
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {boolean} [isBad]
   */
  #write(name, text, isBad = false) {
    const value = this.#values.get(name);
    if (!value) return;
    setText(value, text);
    setAttribute(value, "class", isBad ? "bad" : "");
  }

  /** @param {StatusAnswer} status */
  #refusedPerSecond({ refused, uptimeMs }) {
    const total = Object.values(refused).reduce((sum, count) => sum + count, 0);
    const before = this.#refused;
    this.#refused = { total, uptimeMs };
    const passed = (uptimeMs - before.uptimeMs) / 1000;
    return before.uptimeMs > 0 && passed > 0 ? Math.max(0, total - before.total) / passed : 0;
  }
}
