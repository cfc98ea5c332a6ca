import { byId } from "./elements.js";

/**
 * Lets people choose light or dark, instead of what their system says, and keeps the choice in this browser.
 *
 * @param {() => void} changed called when colours are other ones now, by choice or by the system
 */
export function offerThemes(changed) {
  const { documentElement } = document;
  const choice = byId("theme", HTMLSelectElement);
  choice.value = documentElement.dataset["theme"] ?? "auto";
  choice.addEventListener("change", () => {
    documentElement.dataset["theme"] = choice.value;
    keep(choice.value);
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

/** @param {string} theme */
function keep(theme) {
  try {
    localStorage.setItem("headgate-theme", theme);
  } catch {
    // A browser that keeps nothing has the theme for this page.
  }
}
