/** @import { Api } from "./api.js" */
import { ApiError } from "./api.js";
import { byId, setText } from "./elements.js";

/** Asks for the admin's token where it wants one. */
export class TokenForm {
  #api;
  #opened;
  #form = byId("token-form", HTMLFormElement);
  #field = byId("token", HTMLInputElement);
  #fault = byId("token-fault", HTMLElement);
  #forget = byId("forget-token", HTMLButtonElement);

  /**
   * @param {Api} api
   * @param {() => void} opened called when the admin has taken a token
   */
  constructor(api, opened) {
    this.#api = api;
    this.#opened = opened;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#tryToken();
    });
    this.#forget.addEventListener("click", () => {
      api.hold("");
      location.reload();
    });
  }

  /** Asks; says so where a token was held that does not fit. */
  ask() {
    setText(this.#fault, this.#api.hasToken ? "This token is not the admin's." : "");
    this.#api.hold("");
    this.#show(true);
    this.#field.focus();
  }

  /** Asks no more. */
  close() {
    this.#show(false);
  }

  /** @param {boolean} isAsking */
  #show(isAsking) {
    this.#form.hidden = !isAsking;
    this.#forget.hidden = !this.#api.hasToken;
  }

  async #tryToken() {
    this.#api.hold(this.#field.value.trim());
    try {
      await this.#api.ask("GET", "api/status");
      this.#field.value = "";
      this.#opened();
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status === 401;
      if (!isRefused) setText(this.#fault, "The admin cannot be reached. Try again.");
    }
  }
}
