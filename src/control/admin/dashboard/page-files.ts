/* oxlint-disable import/default, import/no-named-as-default -- these are not modules here: with `type: "text"` each import is the text of a file */
import plotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import plotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };

import api from "./page/api.js" with { type: "text" };
import backoff from "./page/backoff.js" with { type: "text" };
import bans from "./page/bans.js" with { type: "text" };
import baseStyle from "./page/base.css" with { type: "text" };
import controlsStyle from "./page/controls.css" with { type: "text" };
import earlyTheme from "./page/early-theme.js" with { type: "text" };
import elements from "./page/elements.js" with { type: "text" };
import explain from "./page/explain.js" with { type: "text" };
import feed from "./page/feed.js" with { type: "text" };
import figures from "./page/figures.js" with { type: "text" };
import format from "./page/format.js" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import instance from "./page/instance.js" with { type: "text" };
import linkState from "./page/link-state.js" with { type: "text" };
import liveSeries from "./page/live-series.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import page from "./page/page.html" with { type: "text" };
import plot from "./page/plot.js" with { type: "text" };
import plotSettings from "./page/plot-settings.js" with { type: "text" };
import plotsStyle from "./page/plots.css" with { type: "text" };
import problems from "./page/problems.js" with { type: "text" };
import readEvents from "./page/read-events.js" with { type: "text" };
import reload from "./page/reload.js" with { type: "text" };
import say from "./page/say.js" with { type: "text" };
import segments from "./page/segments.js" with { type: "text" };
import serverDialog from "./page/server-dialog.js" with { type: "text" };
import serverOrders from "./page/server-orders.js" with { type: "text" };
import serverRow from "./page/server-row.js" with { type: "text" };
import serverStates from "./page/server-states.js" with { type: "text" };
import serverTables from "./page/server-tables.js" with { type: "text" };
import serversStyle from "./page/servers.css" with { type: "text" };
import sparkline from "./page/sparkline.js" with { type: "text" };
import storedSeries from "./page/stored-series.js" with { type: "text" };
import theme from "./page/theme.js" with { type: "text" };
import tokenForm from "./page/token-form.js" with { type: "text" };
import toolsStyle from "./page/tools.css" with { type: "text" };
import traffic from "./page/traffic.js" with { type: "text" };
import upstreamSection from "./page/upstream-section.js" with { type: "text" };

/** A script for the whole page, made a module: so nothing of it is global. */
const uplot = `${plotScript}\nexport { uPlot };\n`;

const scripts = {
  api,
  backoff,
  bans,
  "early-theme": earlyTheme,
  elements,
  explain,
  feed,
  figures,
  format,
  instance,
  "link-state": linkState,
  "live-series": liveSeries,
  main,
  plot,
  "plot-settings": plotSettings,
  problems,
  "read-events": readEvents,
  reload,
  say,
  segments,
  "server-dialog": serverDialog,
  "server-orders": serverOrders,
  "server-row": serverRow,
  "server-states": serverStates,
  "server-tables": serverTables,
  sparkline,
  "stored-series": storedSeries,
  theme,
  "token-form": tokenForm,
  traffic,
  uplot,
  "upstream-section": upstreamSection,
};

const styles = {
  base: baseStyle,
  controls: controlsStyle,
  plots: plotsStyle,
  servers: serversStyle,
  tools: toolsStyle,
  uplot: plotStyle,
};

/** The text of every file of the page, by its path at the admin. Each is a part of the program, so that it needs no folder beside it. */
export const pageFiles: Readonly<Record<string, string>> = {
  "/": page as unknown as string,
  "/dashboard/icon.svg": icon,
  ...underPaths(scripts, "js"),
  ...underPaths(styles, "css"),
};

function underPaths(texts: Readonly<Record<string, string>>, extension: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [`/dashboard/${name}.${extension}`, text]),
  );
}
