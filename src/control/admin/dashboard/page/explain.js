/** @import { ExplanationAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
import { ApiError } from "./api.js";
import { byId, element, factRows, table, textIn } from "./elements.js";
import { formatMs, none } from "./format.js";
import { showProblems } from "./problems.js";
import { attempt } from "./say.js";

/**
 * Lets people ask where a request would go.
 *
 * @param {Api} api
 */
export function offerExplain(api) {
  const form = byId("explain", HTMLFormElement);
  const shown = byId("explained", HTMLElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(async () => shown.replaceChildren(...(await explain(api, form))));
  });
}

/**
 * @param {Api} api
 * @param {HTMLFormElement} form
 */
async function explain(api, form) {
  const question = questionOf(new FormData(form));
  try {
    return describe(/** @type {ExplanationAnswer} */ (await api.ask("POST", "api/explain", question)));
  } catch (error) {
    if (error instanceof ApiError && error.status === 422) return [showProblems(error.problems)];
    throw error;
  }
}

/** @param {FormData} values */
function questionOf(values) {
  const text = (/** @type {string} */ name) => textIn(values, name);
  const lines = text("headers")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...value] = line.split(":");
      return [name.trim(), value.join(":").trim()];
    }),
  );
  const client = text("client");
  return { method: text("method"), url: text("url"), headers, ...(client && { client }) };
}

/** @param {ExplanationAnswer} said */
function describe(said) {
  const { why, servers } = said;
  return [
    element("p", { class: "answer" }, verdict(said)),
    element("dl", { class: "facts" }, ...factRows(factsOf(said))),
    ...(why.length > 0 ? [lostRoutes(why)] : []),
    ...(servers.length > 0 ? [rankingOf(servers)] : []),
  ];
}

/**
 * @param {ExplanationAnswer} said
 * @returns {(readonly [string, string])[]}
 */
function factsOf({ listener, canonicalPath, client, target = "", filters }) {
  /** @type {(readonly [string, string])[]} */
  const facts = [
    ["Listener", listener],
    ["Path", canonicalPath],
    ["Counts under", client],
    ["For the server", target],
    ["Filters", [...filters.request, ...filters.response].join(", ")],
  ];
  return facts.filter(([, fact]) => fact !== "");
}

/** @param {ExplanationAnswer["why"]} why */
function lostRoutes(why) {
  const items = why.map(({ route, lost }) => element("li", {}, element("code", {}, route), `: ${lost}`));
  return element("div", {}, "Routes before it:", element("ul", { class: "plain" }, ...items));
}

/** @param {ExplanationAnswer} said */
function verdict({ refusal, route, action, upstream }) {
  if (refusal)
    return `Refused with ${refusal.status}: ${refusal.detail ?? refusal.type.replaceAll("_", " ")}`;
  if (route === undefined) return "No route takes it: 404";
  return `Route “${route}”: ${upstream === undefined ? action : `to upstream “${upstream}”`}`;
}

/** @param {ExplanationAnswer["servers"]} servers */
function rankingOf(servers) {
  const rows = servers.map(({ name, rank, why, responseTimeMs }) => [
    rank === null ? none : String(rank),
    name,
    why,
    formatMs(responseTimeMs),
  ]);
  return table("Servers, best first", ["Rank", "Server", "Why", "Average"], rows);
}
