/** @import { uPlot } from "./uplot.js" */

/** @typedef {"requests" | "errors" | "p50" | "p95" | "p99"} LineName */

/**
 * What a plot is made with. Colours are read off elements, because styles know the theme and canvases do not.
 *
 * @typedef {object} PlotLook
 * @property {readonly { readonly name: LineName, readonly swatch: HTMLElement }[]} lines the swatches have the lines' colours
 * @property {HTMLElement} grid has the colour of the grid
 * @property {HTMLElement} axis has the colour of the axes' texts
 * @property {(value: number) => string} format writes a value
 * @property {() => void} moved called when the cursor has moved
 */

/** Lines are told apart without colour as well. */
const dashes = { requests: [], errors: [], p50: [], p95: [6, 3], p99: [2, 3] };

const font = "11px system-ui, sans-serif";

/**
 * How our plots look and behave.
 *
 * @param {PlotLook} look
 * @returns {uPlot.Options}
 */
export function plotSettings({ lines, grid, axis, format, moved }) {
  const shared = {
    stroke: () => colorOf(axis),
    grid: { stroke: () => colorOf(grid), width: 1 },
    ticks: { show: false },
    font,
  };
  return {
    width: 300,
    height: 150,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "headgate" }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
    axes: [
      { ...shared, space: 60, size: 26, values: clockTimes },
      { ...shared, size: 52, space: 34, values: (_, all) => all.map((value) => format(value)) },
    ],
    series: [{}, ...lines.map(lineSettings)],
    hooks: { setCursor: [moved] },
  };
}

/**
 * Hours and minutes, with seconds where they differ; days where a tick is half a day or more.
 *
 * @type {uPlot.Axis.DynamicValues}
 */
function clockTimes(_, all) {
  const isFine = all.some((at) => at % 60 !== 0);
  const isCoarse = all.length > 1 && Number(all[1]) - Number(all[0]) >= 43_200;
  /** @type {Intl.DateTimeFormatOptions} */
  const clock = { hour: "2-digit", minute: "2-digit", ...(isFine && { second: "2-digit" }), hour12: false };
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { day: "numeric", month: "short" };
  const words = new Intl.DateTimeFormat(undefined, isCoarse ? day : clock);
  return all.map((at) => words.format(at * 1000));
}

/**
 * @param {PlotLook["lines"][number]} line
 * @returns {uPlot.Series}
 */
function lineSettings({ name, swatch }) {
  return {
    stroke: () => colorOf(swatch),
    width: 1.5,
    dash: dashes[name],
    points: { show: false },
    ...(name === "requests" && { fill: () => faint(colorOf(swatch)) }),
  };
}

/** @param {HTMLElement} swatch */
function colorOf(swatch) {
  return getComputedStyle(swatch).color;
}

/** @param {string} color */
function faint(color) {
  return `color-mix(in srgb, ${color} 12%, transparent)`;
}
