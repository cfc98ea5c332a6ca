/** @import { StatusAnswer } from "../../answers.ts" */
/** @import { Api } from "./api.js" */
import { ApiError } from "./api.js";
import { waitAfter } from "./backoff.js";
import { readEvents } from "./read-events.js";

/** An admin that has said nothing for so long is taken for lost, ms. It speaks once a second. */
const silenceMs = 5_000;

/**
 * How the page stands with the admin.
 *
 * @typedef {{ state: "connecting" | "locked" | "live" } | { state: "lost", why: string, retryAt: number }} Link
 */

/**
 * What is told of the feed.
 *
 * @typedef {object} Listener
 * @property {(status: StatusAnswer) => void} heard told every status
 * @property {(link: Link) => void} changed told how the page stands with the admin, again and again
 */

/** Hears the status once a second, and comes back after every loss until it is stopped. */
export class Feed {
  #api;
  #listener;
  /** @type {AbortController | undefined} */
  #opened;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Api} api
   * @param {Listener} listener
   */
  constructor(api, listener) {
    this.#api = api;
    this.#listener = listener;
    addEventListener("online", () => this.#hurry());
  }

  /** Connects anew, at once. */
  start() {
    this.stop();
    this.#failures = 0;
    this.#listener.changed({ state: "connecting" });
    void this.#listen();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#opened?.abort();
    this.#opened = undefined;
  }

  async #listen() {
    const opened = new AbortController();
    this.#opened = opened;
    try {
      const { body } = await this.#api.open("api/events", { signal: opened.signal });
      if (body) for await (const event of readEvents(body)) this.#hear(JSON.parse(event), opened);
      this.#lose("The admin has ended the connection", opened);
    } catch (error) {
      this.#lose(error instanceof ApiError ? error.message : "The admin cannot be reached", opened);
    }
  }

  /**
   * @param {StatusAnswer} status
   * @param {AbortController} opened
   */
  #hear(status, opened) {
    if (this.#opened !== opened) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(opened), silenceMs);
    this.#failures = 0;
    this.#listener.changed({ state: "live" });
    this.#listener.heard(status);
  }

  /** @param {AbortController} opened */
  #giveUp(opened) {
    this.#lose("The admin has fallen silent", opened);
    opened.abort();
  }

  /**
   * @param {string} why
   * @param {AbortController} opened
   */
  #lose(why, opened) {
    if (this.#opened !== opened) return;
    this.#opened = undefined;
    this.#failures += 1;
    const waitMs = waitAfter(this.#failures, Math.random());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#listen(), waitMs);
    this.#listener.changed({ state: "lost", why, retryAt: Date.now() + waitMs });
  }

  /** Waits no longer, where it waits. */
  #hurry() {
    if (this.#opened || this.#failures === 0) return;
    clearTimeout(this.#timer);
    void this.#listen();
  }
}
