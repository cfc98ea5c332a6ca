/** @import { Point } from "./live-series.js" */
/** @import { LineName } from "./plot-settings.js" */
import { element, setAttribute, setText } from "./elements.js";
import { formatInstant } from "./format.js";
import { plotSettings } from "./plot-settings.js";
import { uPlot } from "./uplot.js";

/**
 * What a plot shows.
 *
 * @typedef {object} PlotOptions
 * @property {string} title what it shows, with the unit where the values have none
 * @property {readonly (readonly [name: LineName, label: string])[]} lines what is drawn, by name of its numbers and of its line
 * @property {(value: number) => string} format writes a value
 */

/** @typedef {{ readonly name: LineName, readonly swatch: HTMLElement, readonly value: HTMLElement }} Line */

/** One plot over time, with its values beside their names, for eyes, for keys and for ears. */
export class Plot {
  /** The whole of it. */
  figure;
  #options;
  /** @type {readonly Line[]} */
  #lines;
  #canvas = element("div", { class: "canvas", role: "img", tabindex: "0" });
  /** Of the values that are shown; empty for the last ones. */
  #time = element("span", { class: "time" });
  #told = element("span", { class: "unseen", "aria-live": "polite" });
  #grid = element("span", { class: "swatch", "data-series": "grid" });
  #axis = element("span", { class: "swatch", "data-series": "axis" });
  #plot;

  /** @param {PlotOptions} options */
  constructor(options) {
    this.#options = options;
    this.#lines = options.lines.map(([name]) => ({
      name,
      swatch: element("span", { class: "swatch", "data-series": name }),
      value: element("span", { class: "value" }),
    }));
    const title = element("h3", {}, options.title);
    const legend = element("div", { class: "legend" }, ...this.#legend());
    const caption = element("figcaption", {}, title, this.#time, legend);
    this.figure = element(
      "figure",
      { class: "plot" },
      caption,
      this.#canvas,
      this.#told,
      this.#grid,
      this.#axis,
    );
    const { format } = options;
    const told = {
      lines: this.#lines,
      grid: this.#grid,
      axis: this.#axis,
      format,
      moved: () => this.#tell(),
    };
    this.#plot = new uPlot(plotSettings(told), [[]], this.#canvas);
    this.#canvas.addEventListener("keydown", (event) => this.#step(event));
  }

  /** To be called once the figure is on the page: it takes the room that it has, now and later. */
  open() {
    const fit = () => {
      const { clientWidth: width, clientHeight: height } = this.#canvas;
      if (width > 0 && (width !== this.#plot.width || height !== this.#plot.height))
        this.#plot.setSize({ width, height });
    };
    new ResizeObserver(fit).observe(this.#canvas);
    fit();
  }

  /**
   * Shows points of a stretch of time.
   *
   * @param {readonly Point[]} points
   * @param {{ readonly from: number, readonly to: number }} span ms since 1970
   */
  show(points, { from, to }) {
    const columns = this.#lines.map(({ name }) => points.map((point) => point[name]));
    this.#plot.batch(() => {
      this.#plot.setData([points.map(({ at }) => at / 1000), ...columns], false);
      this.#plot.setScale("x", { min: from / 1000, max: to / 1000 });
    });
    this.#tell();
  }

  /** Draws anew, in the colours of now. */
  repaint() {
    this.#plot.redraw(false, true);
  }

  #legend() {
    return this.#options.lines.map(([, label], at) => {
      const { swatch, value } = /** @type {Line} */ (this.#lines[at]);
      return element("span", { class: "series" }, swatch, label === "" ? "" : `${label} `, value);
    });
  }

  /** The values under the cursor, else the last ones. */
  #tell() {
    const { data, cursor } = this.#plot;
    const last = data[0].length - 1;
    setText(this.#time, typeof cursor.idx === "number" ? clockTime(data[0][cursor.idx]) : "");
    this.#lines.forEach(({ value }, at) => {
      const values = data[at + 1] ?? [];
      setText(value, this.#word(values[cursor.idx ?? last]));
    });
    setAttribute(this.#canvas, "aria-label", this.#summary());
  }

  #summary() {
    const told = this.#options.lines.map(([, label], at) => {
      const values = (this.#plot.data[at + 1] ?? []).filter((value) => typeof value === "number");
      return `${label || "now"} ${this.#word(values.at(-1))}, at most ${this.#word(values.length > 0 ? Math.max(...values) : null)}`;
    });
    return `${this.#options.title}: ${told.join("; ")}. Arrow keys read single values.`;
  }

  /** @param {number | null | undefined} value */
  #word(value) {
    return value === null || value === undefined ? "–" : this.#options.format(value);
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const [times] = this.#plot.data;
    if (by === undefined || times.length === 0) return;
    event.preventDefault();
    const last = times.length - 1;
    const index = Math.max(0, Math.min(last, (this.#plot.cursor.idx ?? last + (by < 0 ? 1 : 0)) + by));
    const at = Number(times[index]);
    this.#plot.setCursor({ left: this.#plot.valToPos(at, "x"), top: 0 });
    const values = this.#options.lines.map(([, label], line) =>
      `${label} ${this.#word(this.#plot.data[line + 1]?.[index])}`.trim(),
    );
    setText(this.#told, `${clockTime(at)}: ${values.join(", ")}`);
  }
}

/** @param {number | undefined} seconds since 1970 */
function clockTime(seconds = 0) {
  return formatInstant(seconds * 1000);
}
