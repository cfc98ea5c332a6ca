/**
 * The element of the page with this id. Throws where it is missing or of another kind.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`Cannot find ${kind.name} "${id}" on the page`);
}

/**
 * Makes an element. Texts go in as texts, never as HTML: names and messages come from elsewhere.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/**
 * Makes a button that does something.
 *
 * @param {string} text
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function button(text, act) {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", act);
  return made;
}

const svg = "http://www.w3.org/2000/svg";

/**
 * One of the shapes that stand for states.
 *
 * @returns {SVGSVGElement}
 */
export function stateMark() {
  const mark = document.createElementNS(svg, "svg");
  mark.setAttribute("class", "mark-of");
  mark.setAttribute("aria-hidden", "true");
  mark.append(document.createElementNS(svg, "use"));
  return mark;
}

/**
 * An empty line for a row's recent requests.
 *
 * @returns {{ readonly image: SVGSVGElement, readonly line: SVGPathElement }}
 */
export function sparkline() {
  const image = document.createElementNS(svg, "svg");
  image.setAttribute("class", "sparkline");
  image.setAttribute("viewBox", "0 0 120 24");
  image.setAttribute("preserveAspectRatio", "none");
  image.setAttribute("role", "img");
  const line = document.createElementNS(svg, "path");
  image.append(line);
  return { image, line };
}

/**
 * Writes a text only where it has changed, so that nothing is drawn or read aloud for nothing.
 *
 * @param {Element} where
 * @param {string} text
 */
export function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/**
 * Sets an attribute only where it has changed.
 *
 * @param {Element} where
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(where, name, value) {
  if (where.getAttribute(name) !== value) where.setAttribute(name, value);
}

/**
 * What was typed into a field of a form.
 *
 * @param {FormData} values
 * @param {string} name
 * @returns {string}
 */
export function textIn(values, name) {
  const value = values.get(name);
  return typeof value === "string" ? value.trim() : "";
}

/**
 * Rows of a list of facts.
 *
 * @param {Iterable<readonly [string, string]>} facts
 * @returns {HTMLElement[]}
 */
export function factRows(facts) {
  return [...facts].flatMap(([what, fact]) => [element("dt", {}, what), element("dd", {}, fact)]);
}

/**
 * A table of texts.
 *
 * @param {string} caption
 * @param {readonly (Node | string)[]} headings
 * @param {readonly (readonly (Node | string)[])[]} rows
 * @returns {HTMLTableElement}
 */
export function table(caption, headings, rows) {
  const head = element("tr", {}, ...headings.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  return element(
    "table",
    { class: "list" },
    element("caption", { class: "unseen" }, caption),
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}
