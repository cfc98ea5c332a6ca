/** @import { StatusAnswer } from "../../answers.ts" */
/** @import { ServerRow } from "./server-row.js" */
import { element, setText } from "./elements.js";
import { formatMs } from "./format.js";
import { numberColumns } from "./server-row.js";

/** @typedef {StatusAnswer["upstreams"][number]} UpstreamAnswer */

/** One upstream with the table of its servers. */
export class UpstreamSection {
  /** The whole of it. */
  section;
  /** Its servers, in the order of the configuration. */
  rows;
  #facts = element("p");
  #fault = element("p", { class: "fault" });

  /**
   * @param {string} name
   * @param {readonly ServerRow[]} rows
   */
  constructor(name, rows) {
    this.rows = rows;
    const head = element(
      "div",
      { class: "upstream-head" },
      element("h3", {}, name),
      this.#facts,
      this.#fault,
    );
    const content =
      rows.length > 0 ? tableOf(name, rows) : element("p", { class: "empty" }, "It has no servers.");
    this.section = element("section", { class: "upstream", "aria-label": `Upstream ${name}` }, head, content);
  }

  /**
   * Shows how the upstream stands; its rows are told by themselves.
   *
   * @param {UpstreamAnswer} upstream
   */
  show(upstream) {
    setText(this.#facts, factsOf(upstream));
    setText(this.#fault, faultsOf(upstream));
  }
}

/** @param {UpstreamAnswer} upstream */
function factsOf({ balance, servers, recentResponseTimeMs: times, discovery }) {
  const up = servers.filter(({ state }) => state === "up").length;
  const sources = (discovery?.sources ?? []).map(
    ({ kind, name, servers: found }) => `${found} by ${kind} from ${name}`,
  );
  const told = [balance, `${up} of ${servers.length} up`, ...sources];
  if (times) told.push(`median ${formatMs(times.p50)}, p99 ${formatMs(times.p99)}`);
  return told.join(" · ");
}

/** @param {UpstreamAnswer} upstream */
function faultsOf({ discovery }) {
  const faults = (discovery?.sources ?? []).flatMap(({ name, error }) =>
    error === null ? [] : `${name}: ${error}`,
  );
  if (discovery && discovery.leftOut > 0)
    faults.push(`${discovery.leftOut} servers more were found than are used`);
  return faults.join("; ");
}

/**
 * @param {string} name
 * @param {readonly ServerRow[]} rows
 */
function tableOf(name, rows) {
  const body = element("tbody", { role: "rowgroup" }, ...rows.map(({ row }) => row));
  const attributes = { class: "servers", role: "table", "aria-label": `Servers of ${name}` };
  return element("table", attributes, columns(), headings(), body);
}

function columns() {
  const kinds = ["name", "state", ...numberColumns.map(([key]) => `number ${key}`), "spark", "acts"];
  return element("colgroup", {}, ...kinds.map((kind) => element("col", { class: kind })));
}

function headings() {
  const all = [
    heading("Server", "name"),
    heading("State", "state"),
    ...numberColumns.map(([key, label]) => heading(label, key)),
    heading("Last 2 minutes", "spark"),
    heading(element("span", { class: "unseen" }, "Actions"), "acts"),
  ];
  return element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...all));
}

/**
 * @param {string | Node} text
 * @param {string} kind
 */
function heading(text, kind) {
  return element("th", { class: kind, scope: "col", role: "columnheader" }, text);
}
