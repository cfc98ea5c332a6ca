/** @import { StatusAnswer } from "../../answers.ts" */
import { byId, factRows } from "./elements.js";
import { formatDuration, formatInstant } from "./format.js";

/** What is known of the process itself. */
export class Instance {
  #root = byId("instance", HTMLElement);
  #shown = "";

  /** @param {StatusAnswer} status */
  show(status) {
    const facts = factsOf(status);
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
 * @param {StatusAnswer["cluster"]} cluster
 * @returns {(readonly [string, string])[]}
 */
function nodesOf(cluster) {
  const nodes = /** @type {readonly { readonly name: string }[]} */ (cluster?.["nodes"] ?? []);
  return nodes.length > 0 ? [["Nodes", nodes.map(({ name }) => name).join(", ")]] : [];
}
