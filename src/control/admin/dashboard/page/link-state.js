/** @import { Link } from "./feed.js" */
import { byId, setAttribute, setText } from "./elements.js";

/** Says how the page stands with the admin, and dims what is out of date. */
export class LinkState {
  #link = byId("link", HTMLElement);
  #word = byId("link-state", HTMLElement);
  #wait = byId("link-wait", HTMLElement);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #counting;

  /** @param {Link} link */
  show(link) {
    clearInterval(this.#counting);
    setAttribute(this.#link, "data-link", link.state);
    document.body.classList.toggle("stale", link.state === "lost");
    setText(this.#word, wordsOf(link));
    setText(this.#wait, "");
    if (link.state === "lost") this.#countDown(link.retryAt);
  }

  /**
   * The seconds are for eyes alone: read aloud, they would drown everything.
   *
   * @param {number} retryAt
   */
  #countDown(retryAt) {
    const tell = () => {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
      setText(this.#wait, `Trying again ${seconds > 0 ? `in ${seconds} s` : "now"}`);
    };
    this.#counting = setInterval(tell, 1_000);
    tell();
  }
}

/** @param {Link} link */
function wordsOf(link) {
  if (link.state === "lost") return `Connection lost: ${link.why}.`;
  return { connecting: "Connecting", live: "Live", locked: "Not shown without the token" }[link.state];
}
