/** @import { Problem } from "./problems.js" */

const keptAs = "headgate-token";

/** An answer that says no. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {readonly Problem[]} problems
   */
  constructor(status, problems) {
    super(problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; "));
    this.status = status;
    this.problems = problems;
  }
}

/** Asks the admin, with the token that this tab has been given. */
export class Api {
  /** Called when the admin asks for a token, or for another one. */
  tokenNeeded = () => {};

  /** @type {string} */
  #token = read();

  /** Whether a token is held. */
  get hasToken() {
    return this.#token !== "";
  }

  /**
   * Holds a token until the tab is closed; none where it is empty.
   *
   * @param {string} token
   */
  hold(token) {
    this.#token = token;
    keep(token);
  }

  /**
   * What the admin answers; throws an ApiError where it says no.
   *
   * @param {string} method
   * @param {string} path without the slash before it
   * @param {unknown} [body]
   * @returns {Promise<unknown>}
   */
  async ask(method, path, body) {
    const answer = await this.open(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.status === 204 ? undefined : answer.json();
  }

  /**
   * An answer whose body is yet to be read; throws an ApiError where it says no.
   *
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  async open(path, init = {}) {
    const authorization = this.hasToken ? { authorization: `Bearer ${this.#token}` } : undefined;
    const answer = await fetch(path, { ...init, headers: { ...authorization }, cache: "no-store" });
    if (answer.ok) return answer;
    if (answer.status === 401) this.tokenNeeded();
    throw new ApiError(answer.status, await problemsIn(answer));
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<readonly Problem[]>}
 */
async function problemsIn(answer) {
  const said = await answer.json().catch(() => undefined);
  if (Array.isArray(said?.errors)) return said.errors;
  return [{ path: "", message: String(said?.error ?? `The admin answers ${answer.status}`) }];
}

function read() {
  try {
    return sessionStorage.getItem(keptAs) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} token */
function keep(token) {
  try {
    if (token === "") sessionStorage.removeItem(keptAs);
    else sessionStorage.setItem(keptAs, token);
  } catch {
    // A browser that keeps nothing has the token for this page.
  }
}
