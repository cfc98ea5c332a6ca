import type { IncomingFields } from "../incoming-request.ts";

/** The fields of a request that was read off a connection of ours: names in lower case, several lines of one name joined. */
export class ReceivedFields implements IncomingFields {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  /** For who reads the head only; the name in lower case. */
  append(name: string, value: string): void {
    const at = this.#names.indexOf(name);
    if (at >= 0) {
      this.#values[at] += `${name === "cookie" ? "; " : ", "}${value}`;
    } else {
      this.#names.push(name);
      this.#values.push(value);
    }
  }

  get(name: string): string | null {
    const at = this.#names.indexOf(name.toLowerCase());
    return at < 0 ? null : (this.#values[at] as string);
  }

  has(name: string): boolean {
    return this.#names.includes(name.toLowerCase());
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (let at = 0; at < this.#names.length; at++)
      visit(this.#values[at] as string, this.#names[at] as string);
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (let at = 0; at < this.#names.length; at++)
      yield [this.#names[at] as string, this.#values[at] as string];
  }
}
