/** @import { ServerAnswer } from "../../answers.ts" */
/** @import { ServerName, ServerOrders } from "./server-orders.js" */
/** @import { Point } from "./live-series.js" */
import { button, element, setAttribute, setText, sparkline, stateMark } from "./elements.js";
import { formatMs, formatNumber, formatShare, none } from "./format.js";
import { shownState, stateReason, stateWord } from "./server-states.js";
import { describeSparkline, drawSparkline } from "./sparkline.js";

/** The columns of numbers: what they are called, and what stands in them. */
export const numberColumns = /** @type {const} */ ([
  ["weight", "Weight"],
  ["inflight", "In flight"],
  ["load", "Load"],
  ["rate", "Requests/s"],
  ["errors", "Errors"],
  ["p50", "Median"],
  ["p95", "p95"],
  ["p99", "p99"],
]);

/** What takes a person's word about a state back. */
const wordsBack = { drain: "Undrain", down: "Bring back" };

/** What a row can do. */
/** @typedef {{ readonly orders: ServerOrders, readonly edit: (name: ServerName) => void }} RowActions */

/** One server in its table. */
export class ServerRow {
  /** The row itself. */
  row = element("tr", { role: "row" });
  /** Whether it can be seen: what cannot is not drawn. */
  isSeen = true;
  /** Everything by which it can be found. */
  words = "";
  state = "up";
  #name = element("b");
  #address = element("span", { class: "beside" });
  #mark = stateMark();
  #stateWord = element("span", { class: "word" });
  #stateReason = element("span", { class: "beside" });
  /** @type {Map<string, { readonly cell: HTMLElement, readonly value: HTMLElement, readonly beside: HTMLElement }>} */
  #numbers = new Map();
  #spark = sparkline();
  #drain;
  #undo;
  #edit;

  /**
   * @param {ServerName} name
   * @param {RowActions} actions
   */
  constructor(name, { orders, edit }) {
    this.#drain = button(
      "Drain",
      () => void orders.change(name, { state: this.#isDrained() ? "up" : "drain" }),
    );
    this.#edit = button("Change…", () => edit(name));
    this.#undo = button("Undo", () => void orders.undo(name));
    setText(this.#name, name.server);
    this.#nameButtons(name.server);
    const state = element(
      "td",
      { class: "state", role: "cell" },
      this.#mark,
      this.#stateWord,
      this.#stateReason,
    );
    this.row.append(
      element("th", { class: "name", scope: "row", role: "rowheader" }, this.#name, this.#address),
      state,
      ...numberColumns.map(([key, label]) => this.#numberCell(key, label)),
      element("td", { class: "spark", role: "cell" }, this.#spark.image),
      element(
        "td",
        { class: "acts", role: "cell" },
        element("div", { class: "line" }, this.#undo, this.#drain, this.#edit),
      ),
    );
  }

  /**
   * @param {ServerAnswer} server
   * @param {{ readonly points: readonly Point[], readonly rate: number }} recent
   */
  show(server, { points, rate }) {
    this.words = `${server.name} ${server.url}`.toLowerCase();
    this.state = server.state;
    setText(this.#address, addressOf(server));
    this.#showState(server);
    this.#showNumbers(server, rate);
    this.#showButtons(server);
    describeSparkline(this.#spark.image, points);
    if (this.isSeen) drawSparkline(this.#spark.line, points);
  }

  /** @param {ServerAnswer} server */
  #showState(server) {
    const cell = /** @type {HTMLElement} */ (this.#stateWord.parentElement);
    const state = shownState(server);
    setAttribute(cell, "data-state", state);
    setAttribute(/** @type {Element} */ (this.#mark.firstChild), "href", `#state-${state}`);
    setText(this.#stateWord, stateWord(server));
    setText(this.#stateReason, stateReason(server));
  }

  /**
   * @param {ServerAnswer} server
   * @param {number} rate
   */
  #showNumbers(server, rate) {
    const { weight, configured, inflight, load, errorRate, responseTimeMs: times } = server;
    const isSet = server.override?.weight !== undefined;
    this.#write("weight", String(weight), isSet ? `configured ${configured.weight}` : "");
    this.#write("inflight", formatNumber(inflight));
    this.#write("load", load === null ? none : String(load));
    this.#write("rate", formatNumber(rate));
    this.#write("errors", formatShare(errorRate));
    setAttribute(this.#cellOf("errors").value, "class", errorRate > 0 ? "value bad" : "value");
    for (const quantile of /** @type {const} */ (["p50", "p95", "p99"]))
      this.#write(quantile, formatMs(times?.[quantile]));
  }

  /** @param {ServerAnswer} server */
  #showButtons({ override, name }) {
    const word = override?.state === undefined ? "Drain" : wordsBack[override.state];
    setAttribute(this.#drain, "data-does", word === "Drain" ? "drain" : "undrain");
    setText(this.#drain, word);
    setAttribute(this.#drain, "aria-label", `${word} ${name}`);
    if (override === null && document.activeElement === this.#undo) this.#drain.focus();
    this.#undo.hidden = override === null;
  }

  #isDrained() {
    return this.#drain.dataset["does"] === "undrain";
  }

  /** @param {string} server */
  #nameButtons(server) {
    setAttribute(this.#edit, "aria-label", `Change… ${server}`);
    setAttribute(this.#undo, "aria-label", `Undo what was set of ${server}`);
    setAttribute(this.#undo, "title", "Back to the configuration");
  }

  /**
   * @param {string} key
   * @param {string} label
   */
  #numberCell(key, label) {
    const value = element("span", { class: "value" });
    const beside = element("span", { class: "beside" });
    const cell = element("td", { class: `number ${key}`, role: "cell", "data-label": label }, value, beside);
    this.#numbers.set(key, { cell, value, beside });
    return cell;
  }

  /** @param {string} key */
  #cellOf(key) {
    return /** @type {{ cell: HTMLElement, value: HTMLElement, beside: HTMLElement }} */ (
      this.#numbers.get(key)
    );
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {string} [more]
   */
  #write(key, text, more = "") {
    const { value, beside } = this.#cellOf(key);
    setText(value, text);
    setText(beside, more);
  }
}

/** Where it is, on which node if that is told, and whether it is a backup. @param {ServerAnswer & { node?: string }} server */
function addressOf({ name, url, backup, node }) {
  const address = url.replace(/^https?:\/\//, "");
  const isPlain = address === name && url.startsWith("http:");
  return [isPlain ? "" : url, node && `on ${node}`, backup && "backup"].filter(Boolean).join(" · ");
}
