/** @import { ReloadAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
import { ApiError } from "./api.js";
import { byId, element } from "./elements.js";
import { showProblems } from "./problems.js";
import { attempt } from "./say.js";

/**
 * Lets people read the configuration anew, and shows what came of it: what has changed, or what is wrong and where.
 *
 * @param {Api} api
 */
export function offerReload(api) {
  const result = byId("reload-result", HTMLElement);
  const reload = byId("reload", HTMLButtonElement);
  byId("reload-close", HTMLButtonElement).addEventListener("click", () => {
    result.hidden = true;
    reload.focus();
  });
  reload.addEventListener("click", () => void attempt(async () => show(result, await askForReload(api))));
}

/**
 * @param {Api} api
 * @returns {Promise<readonly Node[]>}
 */
async function askForReload(api) {
  try {
    return describe(/** @type {ReloadAnswer} */ (await api.ask("POST", "api/reload")));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    return [
      element("p", { class: "fault" }, "Nothing has changed: the configuration is wrong."),
      showProblems(error.problems),
    ];
  }
}

/** @param {ReloadAnswer} answer */
function describe({ changes }) {
  if (changes.length === 0) return [element("p", {}, "Done: nothing in the configuration has changed.")];
  const items = changes.map((change) => element("li", {}, change));
  return [element("p", {}, "Done. What has changed:"), element("ul", { class: "plain" }, ...items)];
}

/**
 * @param {HTMLElement} result
 * @param {readonly Node[]} content
 */
function show(result, content) {
  byId("reload-said", HTMLElement).replaceChildren(...content);
  result.hidden = false;
  result.focus();
}
