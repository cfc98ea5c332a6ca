/** @import { ServerAnswer, StatusAnswer } from "../../answers.ts" */
/** @import { ServerName } from "./server-orders.js" */

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

/**
 * A status in which one server stands as was just told of it.
 *
 * @param {StatusAnswer} status
 * @param {ServerName} name
 * @param {ServerAnswer} server
 * @returns {StatusAnswer}
 */
export function withServer(status, { upstream, server: name }, server) {
  const upstreams = status.upstreams.map((known) => {
    if (known.name !== upstream) return known;
    const servers = known.servers.map((one) => (one.name === name ? server : one));
    return Object.assign({}, known, { servers });
  });
  return { ...status, upstreams };
}
