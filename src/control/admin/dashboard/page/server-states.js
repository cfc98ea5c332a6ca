/** @import { ServerAnswer, StatusAnswer } from "../../answers.ts" */
/** @import { ServerName } from "./server-orders.js" */
import { formatDuration } from "./format.js";

/** @typedef {"up" | "draining" | "ejected" | "trial" | "down"} ShownState */

/**
 * The state that a server's shape stands for: a trial is one of its own.
 *
 * @param {Pick<ServerAnswer, "state" | "trial">} server
 * @returns {ShownState}
 */
export function shownState({ state, trial }) {
  return state === "ejected" && trial?.isUnderWay ? "trial" : state;
}

/**
 * A server's state in a word.
 *
 * @param {Pick<ServerAnswer, "state" | "trial" | "inflight">} server
 * @returns {string}
 */
export function stateWord(server) {
  const state = shownState(server);
  if (state === "draining") return server.inflight > 0 ? "Draining" : "Drained";
  return { up: "Up", ejected: "Ejected", trial: "On trial", down: "Down" }[state];
}

/**
 * Why a server has its state, or what comes next, where that is not plain.
 *
 * @param {Pick<ServerAnswer, "state" | "trial" | "override" | "weight">} server
 * @returns {string}
 */
export function stateReason(server) {
  if (server.override?.state !== undefined) return "set here";
  return {
    up: "",
    draining: "weight 0",
    down: "by its probes",
    trial: "one request",
    ejected: tryWord(server),
  }[shownState(server)];
}

/** @param {Pick<ServerAnswer, "trial">} server */
function tryWord({ trial }) {
  if (!trial) return "by its traffic";
  return trial.inMs > 0 ? `tried in ${formatDuration(trial.inMs)}` : "tried next";
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
