import { element } from "./elements.js";

/**
 * Fills a fieldset with choices of which one holds; the first one does at the beginning.
 *
 * @param {HTMLElement} fieldset
 * @param {readonly (readonly [value: string, label: string])[]} choices
 * @param {(value: string) => void} chosen
 */
export function addSegments(fieldset, choices, chosen) {
  choices.forEach(([value, label], index) => {
    const input = element("input", { type: "radio", name: fieldset.id, value });
    input.checked = index === 0;
    input.addEventListener("change", () => chosen(value));
    fieldset.append(element("label", {}, input, element("span", {}, label)));
  });
}
