/** @import { ServerAnswer, StatusAnswer } from "../../answers.ts" */
/** @import { ServerName, ServerOrders, ServerChange } from "./server-orders.js" */
import { byId, element, factRows, setText } from "./elements.js";
import { formatBytes, formatInstant, formatNumber, none } from "./format.js";
import { stateWord } from "./server-states.js";

/** All about one server: both values of what people can set, and a form to set them. */
export class ServerDialog {
  #dialog = byId("server-dialog", HTMLDialogElement);
  #form = byId("server-form", HTMLFormElement);
  #weight = byId("weight", HTMLInputElement);
  #undo = byId("server-undo", HTMLButtonElement);
  #orders;
  /** @type {ServerName | undefined} */
  #name;
  /** @type {ServerAnswer | undefined} */
  #server;

  /**
   * @param {ServerOrders} orders
   * @param {(name: ServerName) => void} plot
   */
  constructor(orders, plot) {
    this.#orders = orders;
    byId("server-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    this.#undo.addEventListener("click", () => void this.#takeBack());
    byId("server-plot", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
      if (this.#name) plot(this.#name);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#apply();
    });
  }

  /**
   * Opens on a server.
   *
   * @param {ServerName} name
   * @param {StatusAnswer | undefined} status
   */
  open(name, status) {
    this.#name = name;
    this.#server = undefined;
    setText(byId("server-name", HTMLElement), `${name.upstream} / ${name.server}`);
    this.show(status);
    this.#fill();
    this.#dialog.showModal();
  }

  /**
   * Follows what is heard meanwhile; what is being typed stays.
   *
   * @param {StatusAnswer | undefined} status
   */
  show(status) {
    if (!this.#name) return;
    const { upstream, server } = this.#name;
    const found = status?.upstreams
      .find(({ name }) => name === upstream)
      ?.servers.find(({ name }) => name === server);
    if (found) this.showServer(this.#name, found);
  }

  /**
   * @param {ServerName} name
   * @param {ServerAnswer} server
   */
  showServer(name, server) {
    if (name.upstream !== this.#name?.upstream || name.server !== this.#name.server) return;
    this.#server = server;
    const rows = valuesOf(server).map(([what, ...values]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, what),
        ...values.map((value) => element("td", {}, value)),
      ),
    );
    byId("server-values", HTMLElement).replaceChildren(...rows);
    byId("server-facts", HTMLElement).replaceChildren(...factRows(factsOf(server)));
    this.#undo.disabled = server.override === null;
  }

  #fill() {
    if (!this.#server) return;
    this.#weight.value = String(this.#server.weight);
    const state = this.#form.elements.namedItem("state");
    if (state instanceof RadioNodeList) state.value = this.#server.override?.state ?? "up";
  }

  async #takeBack() {
    if (!this.#name) return;
    await this.#orders.undo(this.#name);
    this.#fill();
  }

  /** Only what differs is set: a weight that nobody touched stays as configured. */
  async #apply() {
    if (!this.#name || !this.#server) return;
    const change = this.#changeOf(this.#server);
    if (Object.keys(change).length > 0) await this.#orders.change(this.#name, change);
    this.#dialog.close();
  }

  /**
   * @param {ServerAnswer} server
   * @returns {ServerChange}
   */
  #changeOf({ override, weight: before }) {
    const state = /** @type {"up" | "drain" | "down"} */ (new FormData(this.#form).get("state") ?? "up");
    const weight = this.#weight.valueAsNumber;
    return {
      ...(state !== (override?.state ?? "up") && { state }),
      ...(weight !== before && { weight }),
    };
  }
}

/**
 * @param {ServerAnswer} server
 * @returns {readonly (readonly [string, string, string, string])[]}
 */
function valuesOf(server) {
  const { configured, override, weight } = server;
  const state = { drain: "drain", down: "down" };
  return [
    [
      "Weight",
      String(configured.weight),
      override?.weight === undefined ? none : String(override.weight),
      String(weight),
    ],
    [
      "State",
      "as health has it",
      override?.state === undefined ? none : state[override.state],
      stateWord(server),
    ],
  ];
}

/**
 * @param {ServerAnswer} server
 * @returns {readonly (readonly [string, string])[]}
 */
function factsOf({ url, backup, requests, errors, retries, statuses, bytesIn, bytesOut, override }) {
  const answers = Object.entries(statuses).map(([status, count]) => `${status} ${formatNumber(count)}`);
  return [
    ["Address", backup ? `${url} (backup)` : url],
    ...(override ? [/** @type {const} */ (["Set", formatInstant(override.setAt)])] : []),
    ["Requests", `${requests}, ${errors} failed, ${retries} retried`],
    ["Answers", answers.join(", ")],
    ["Bodies", `${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out`],
  ];
}
