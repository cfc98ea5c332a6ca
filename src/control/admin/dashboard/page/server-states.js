/** @import { ServerAnswer } from "../../answers.ts" */

/**
 * A server's state in a word.
 *
 * @param {Pick<ServerAnswer, "state" | "inflight">} server
 * @returns {string}
 */
export function stateWord({ state, inflight }) {
  if (state === "draining") return inflight > 0 ? "Draining" : "Drained";
  return stateWords[/** @type {keyof typeof stateWords} */ (state)] ?? state;
}

const stateWords = { up: "Up", ejected: "Ejected", trial: "On trial", down: "Down" };

/**
 * Why a server has its state, where that is not plain.
 *
 * @param {Pick<ServerAnswer, "state" | "override" | "weight">} server
 * @returns {string}
 */
export function stateReason({ state, override, weight }) {
  if (override?.state !== undefined) return "set here";
  if (state === "draining" && weight === 0) return "weight 0";
  if (state === "ejected") return "by its traffic";
  return state === "down" ? "by its probes" : "";
}
