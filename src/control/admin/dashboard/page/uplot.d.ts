// `uplot.js` is served from the package uplot; here stand its types.

export { default as uPlot } from "uplot";
