import { randomBytes } from "node:crypto";
import type { Log } from "../log.ts";

/** Who wrote under our name before us, and how long ago. */
export interface Predecessor {
  /** "" = nobody. */
  readonly instance: string;
  readonly ageMs: number;
}

/** How often a stranger has to write under our name before it is told. */
const timesTold = 3;

/** Finds another node that has this node's name, which says so once. */
export class Namesake {
  /** A number of this process. */
  readonly instance = randomBytes(9).toString("base64url");
  readonly #options: { readonly node: string; readonly intervalMs: number; readonly log: Log };
  #times = 0;

  constructor(options: { readonly node: string; readonly intervalMs: number; readonly log: Log }) {
    this.#options = options;
  }

  /** A predecessor has written once; somebody who goes on writing is another node. */
  see({ instance, ageMs }: Predecessor): void {
    const { node, intervalMs, log } = this.#options;
    const isOther = instance !== "" && instance !== this.instance && ageMs < 3 * intervalMs;
    this.#times = isOther ? this.#times + 1 : 0;
    if (this.#times === timesTold)
      log.error("another node of the cluster has this node's name: set cluster.node", { node });
  }
}
