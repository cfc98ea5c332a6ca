/** @import { BansAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
import { button, byId, element, setAttribute, table, textIn } from "./elements.js";
import { formatDuration } from "./format.js";
import { attempt, say } from "./say.js";

/** Clients that are banned, and what can be done about it. */
export class Bans {
  #api;
  #root = byId("bans", HTMLElement);
  #shown = "";

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    const form = byId("ban", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void attempt(() => this.#ban(form));
    });
  }

  /** Asks who is banned, and shows it. */
  async refresh() {
    const bans = /** @type {BansAnswer} */ (await this.#api.ask("GET", "api/bans"));
    const rows = bans.map((ban) => [ban.client, reasonOf(ban), formatDuration(ban.until - Date.now())]);
    const told = JSON.stringify(rows);
    if (told === this.#shown) return;
    this.#shown = told;
    keepingFocus(() => this.#root.replaceChildren(rows.length > 0 ? this.#list(rows) : nobody()));
  }

  /** @param {readonly (readonly string[])[]} rows */
  #list(rows) {
    const action = element("span", { class: "unseen" }, "Action");
    const lines = rows.map(([client = "", reason = "", left = ""]) => [
      element("code", {}, client),
      reason,
      left,
      this.#liftButton(client),
    ]);
    return table("Banned clients", ["Client", "Because of", "Left", action], lines);
  }

  /** @param {HTMLFormElement} form */
  async #ban(form) {
    const values = new FormData(form);
    const client = textIn(values, "client");
    await this.#api.ask("POST", "api/bans", { client, forMs: Number(values.get("forMs")) });
    say(`${client} is banned`);
    form.reset();
    await this.refresh();
  }

  /** @param {string} client */
  #liftButton(client) {
    const lift = button("Lift", () => void attempt(() => this.#lift(client)));
    setAttribute(lift, "aria-label", `Lift the ban of ${client}`);
    return lift;
  }

  /** @param {string} client */
  async #lift(client) {
    await this.#api.ask("DELETE", `api/bans/${encodeURIComponent(client)}`);
    say(`The ban of ${client} is lifted`);
    await this.refresh();
    byId("bans-title", HTMLElement).scrollIntoView({ block: "nearest" });
  }
}

function nobody() {
  return element("p", { class: "note" }, "Nobody is banned.");
}

/** @param {BansAnswer[number]} ban */
function reasonOf({ reason, refusals }) {
  return reason === "ban" ? "set by a person" : `${reason.replaceAll("_", " ")}, ${refusals} refusals`;
}

/**
 * Replaces buttons by others, and gives the focus to the one of the same name.
 *
 * @param {() => void} replace
 */
function keepingFocus(replace) {
  const name = document.activeElement?.getAttribute("aria-label");
  replace();
  const buttons = [...byId("bans", HTMLElement).querySelectorAll("button")];
  if (name) buttons.find((one) => one.getAttribute("aria-label") === name)?.focus();
}
