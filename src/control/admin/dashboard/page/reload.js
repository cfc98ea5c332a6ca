/** @import { ReloadAnswer, StatusAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
/** @import { Problem } from "./problems.js" */
import { ApiError } from "./api.js";
import { byId, element, setText } from "./elements.js";
import { showProblems } from "./problems.js";
import { attempt } from "./say.js";

/** Reads the configuration anew, and shows what came of it: what has changed, or what is wrong and where. */
export class Reload {
  #api;
  #button = byId("reload", HTMLButtonElement);
  #result = byId("reload-result", HTMLElement);
  #notice = byId("refused-config", HTMLElement);
  /** @type {readonly Problem[]} */
  #problems = [];

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    this.#button.addEventListener("click", () => void attempt(() => this.#reload()));
    byId("reload-close", HTMLButtonElement).addEventListener("click", () => {
      this.#result.hidden = true;
      this.#button.focus();
    });
    byId("refused-show", HTMLButtonElement).addEventListener("click", () => {
      this.#tell([showProblems(this.#problems)]);
    });
  }

  /**
   * Says so where the file is wrong, whoever asked for it to be read.
   *
   * @param {StatusAnswer} status
   */
  show({ config: { problems } }) {
    this.#problems = problems;
    this.#notice.hidden = problems.length === 0;
    const places = problems.length === 1 ? "one place" : `${problems.length} places`;
    setText(
      byId("refused-said", HTMLElement),
      problems.length === 0 ? "" : `The configuration is wrong in ${places}, so the one before it goes on.`,
    );
  }

  async #reload() {
    try {
      this.#tell(describe(/** @type {ReloadAnswer} */ (await this.#api.ask("POST", "api/reload"))));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 422) throw error;
      const nothing = element("p", { class: "fault" }, "Nothing has changed: the configuration is wrong.");
      this.#tell([nothing, showProblems(error.problems)]);
    }
  }

  /** @param {readonly Node[]} content */
  #tell(content) {
    byId("reload-said", HTMLElement).replaceChildren(...content);
    this.#result.hidden = false;
    this.#result.focus();
  }
}

/** @param {ReloadAnswer} answer */
function describe({ changes }) {
  if (changes.length === 0) return [element("p", {}, "Done: nothing in the configuration has changed.")];
  const items = changes.map((change) => element("li", {}, change));
  return [element("p", {}, "Done. What has changed:"), element("ul", { class: "plain" }, ...items)];
}
