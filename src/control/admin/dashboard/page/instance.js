/** @import { StatusAnswer } from "../../answers.ts" */
import { byId, factRows, setText } from "./elements.js";
import { formatDuration, formatInstant } from "./format.js";

/** What is known of the process itself. */
export class Instance {
  #root = byId("instance", HTMLElement);
  #shown = "";

  /** @param {StatusAnswer} status */
  show(status) {
    const facts = factsOf(status);
    setText(byId("node", HTMLElement), status.cluster?.node ?? "");
    const told = JSON.stringify(facts);
    if (told === this.#shown) return;
    this.#shown = told;
    this.#root.replaceChildren(...factRows(facts));
  }
}

/**
 * @param {StatusAnswer} status
 * @returns {readonly (readonly [string, string])[]}
 */
function factsOf({ version, uptimeMs, ready, workers, config, listeners, storage, cluster }) {
  return [
    ["Version", version],
    ["Takes traffic", ready ? "yes" : "no: it is starting or stopping"],
    ["Runs for", formatDuration(uptimeMs)],
    ["Workers", String(workers)],
    ["Configuration", `${config.path}, as of ${formatInstant(config.loadedAt)}`],
    ["Fingerprint", config.hash.slice(0, 12)],
    ...listeners.map((listener) => /** @type {const} */ (["Listener", describeListener(listener)])),
    ["Storage", describeStorage(storage)],
    ...nodesOf(cluster),
  ];
}

/** @param {StatusAnswer["listeners"][number]} listener */
function describeListener({ name, bind, tls, certificatesEndAt }) {
  const ends =
    certificatesEndAt === undefined ? "" : `, certificates until ${formatInstant(certificatesEndAt)}`;
  return `${name} on ${bind}${tls ? `, TLS${ends}` : ""}`;
}

/** @param {StatusAnswer["storage"]} storage */
function describeStorage({ state, path, error }) {
  if (state === "off") return "off: nothing outlives a restart";
  if (path === ":memory:") return "in memory: nothing outlives a restart";
  return [path, state === "ok" ? undefined : state, error].filter(Boolean).join(", ");
}

/**
 * Which node this is, and who the others are.
 *
 * @param {StatusAnswer["cluster"]} cluster
 * @returns {(readonly [string, string])[]}
 */
function nodesOf(cluster) {
  if (cluster === null) return [];
  const { node, connected, store, error, nodes } = cluster;
  const link = connected ? `joined by ${store}` : `alone: ${error ?? `${store} cannot be reached`}`;
  const others = nodes.filter(({ name }) => name !== node);
  return [
    ["Node", `${node}, ${link}`],
    ...others.map((other) => /** @type {const} */ (["Other node", describeNode(other)])),
  ];
}

/** @param {NonNullable<StatusAnswer["cluster"]>["nodes"][number]} node */
function describeNode({ name, isAlive, lastSeenMs, inflight }) {
  const age = formatDuration(lastSeenMs);
  return isAlive ? `${name}, ${inflight} in flight, heard ${age} ago` : `${name}, silent for ${age}`;
}
