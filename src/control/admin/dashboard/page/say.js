import { byId, element } from "./elements.js";

/** How long something that was said stays on the page, ms. */
const staysMs = 8_000;

/**
 * Says what has come of something, to eyes and ears.
 *
 * @param {string} text
 * @param {boolean} [isBad]
 */
export function say(text, isBad = false) {
  const said = element("p", isBad ? { class: "bad" } : {}, text);
  byId("said", HTMLElement).append(said);
  setTimeout(() => said.remove(), staysMs);
}

/**
 * Does something, and says where it cannot be done.
 *
 * @param {() => Promise<unknown>} act
 */
export async function attempt(act) {
  try {
    await act();
  } catch (error) {
    say(
      error instanceof TypeError ? "The admin cannot be reached" : /** @type {Error} */ (error).message,
      true,
    );
  }
}
