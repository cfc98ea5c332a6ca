/** @import { ChangedServerAnswer, ServerAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
import { attempt, say } from "./say.js";

/** @typedef {{ readonly upstream: string, readonly server: string }} ServerName */
/** @typedef {{ weight?: number, state?: "up" | "drain" | "down" }} ServerChange */

/** What people want of servers. */
export class ServerOrders {
  #api;
  #done;

  /**
   * @param {Api} api
   * @param {(name: ServerName, server: ServerAnswer) => void} done told how the server stands now
   */
  constructor(api, done) {
    this.#api = api;
    this.#done = done;
  }

  /**
   * @param {ServerName} name
   * @param {ServerChange} change
   */
  change(name, change) {
    return this.#order("PATCH", name, change);
  }

  /** @param {ServerName} name */
  undo(name) {
    return this.#order("DELETE", name);
  }

  /**
   * @param {string} method
   * @param {ServerName} name
   * @param {ServerChange} [change]
   */
  #order(method, name, change) {
    const path = `api/upstreams/${encodeURIComponent(name.upstream)}/servers/${encodeURIComponent(name.server)}`;
    return attempt(async () => {
      const server = /** @type {ChangedServerAnswer} */ (await this.#api.ask(method, path, change));
      this.#done(name, server);
      say(
        `${name.upstream}/${name.server} ${describe(change)}${server.stored ? "" : ", until the next restart"}`,
      );
    });
  }
}

/** @param {ServerChange | undefined} change */
function describe(change) {
  if (!change) return "is as configured again";
  const { state, weight } = change;
  const states = { up: "is as health has it", drain: "is drained", down: "is down" };
  return [state && states[state], weight === undefined ? undefined : `has the weight ${weight}`]
    .filter((part) => part !== undefined)
    .join(" and ");
}
