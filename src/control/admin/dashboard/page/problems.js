import { element, table } from "./elements.js";

/**
 * Something that is wrong, and where.
 *
 * @typedef {object} Problem
 * @property {string} path the key of the configuration, or of what was sent
 * @property {string} message what is wrong with it
 * @property {string} [file] the file's whole name
 * @property {number} [line] 0 where the problem has no place in a file
 * @property {number} [column] counted from 1
 */

/**
 * Shows problems with their places.
 *
 * @param {readonly Problem[]} problems
 * @returns {HTMLElement}
 */
export function showProblems(problems) {
  const rows = problems.map((problem) => [
    element("code", {}, placeOf(problem)),
    element("code", {}, problem.path),
    problem.message,
  ]);
  return table("Problems", ["Place", "Key", "What is wrong"], rows);
}

/** @param {Problem} problem */
function placeOf({ file = "", line = 0, column = 0 }) {
  const name = file.split("/").at(-1) ?? "";
  return line > 0 ? `${name}:${line}:${column}` : name;
}
