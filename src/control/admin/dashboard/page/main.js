/** @import { StatusAnswer } from "../../answers.ts" */
import { Api } from "./api.js";
import { Bans } from "./bans.js";
import { byId } from "./elements.js";
import { offerExplain } from "./explain.js";
import { Feed } from "./feed.js";
import { Figures } from "./figures.js";
import { Instance } from "./instance.js";
import { LinkState } from "./link-state.js";
import { LiveSeries } from "./live-series.js";
import { Reload } from "./reload.js";
import { ServerDialog } from "./server-dialog.js";
import { ServerOrders } from "./server-orders.js";
import { ServerTables } from "./server-tables.js";
import { withServer } from "./server-states.js";
import { offerThemes } from "./theme.js";
import { TokenForm } from "./token-form.js";
import { Traffic } from "./traffic.js";

const bansEveryMs = 5_000;

const api = new Api();
const series = new LiveSeries();
const figures = new Figures();
const instance = new Instance();
const traffic = new Traffic(api, series);
const bans = new Bans(api);
const link = new LinkState();
const reload = new Reload(api);
/** @type {ServerOrders} */
const orders = new ServerOrders(api, (name, server) => {
  last = last && withServer(last, name, server);
  tables.showServer(name, server);
  dialog.showServer(name, server);
});
const dialog = new ServerDialog(orders, ({ upstream, server }) => traffic.choose(upstream, server));
const tables = new ServerTables(series, { orders, edit: (name) => dialog.open(name, last) });
const feed = new Feed(api, { heard: hear, changed: (state) => link.show(state) });
const token = new TokenForm(api, begin);

/** @type {StatusAnswer | undefined} */
let last;
let bansAt = 0;

api.tokenNeeded = () => {
  feed.stop();
  showContent(false);
  link.show({ state: "locked" });
  token.ask();
};
offerThemes(() => traffic.repaint());
offerExplain(api);
document.addEventListener("visibilitychange", draw);
if (document.documentElement.dataset["token"] === "needed" && !api.hasToken) api.tokenNeeded();
else begin();

function begin() {
  token.close();
  feed.start();
}

/** @param {StatusAnswer} status */
function hear(status) {
  series.hear(status, Date.now());
  last = status;
  draw();
}

/** A page that nobody sees only listens. */
function draw() {
  if (!last || document.hidden) return;
  showContent(true);
  figures.show(last, series);
  traffic.show(last);
  tables.show(last);
  dialog.show(last);
  instance.show(last);
  reload.show(last);
  if (Date.now() - bansAt < bansEveryMs) return;
  bansAt = Date.now();
  bans.refresh().catch(() => {
    // The feed notices by itself that the admin is away, and says so.
  });
}

/** @param {boolean} isShown */
function showContent(isShown) {
  byId("content", HTMLElement).hidden = !isShown;
  byId("reload", HTMLButtonElement).hidden = !isShown;
}
