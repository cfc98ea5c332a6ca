/** Fields that can be asked for and walked over, their names in lower case: `FieldLines`, and `Headers` too. */
export interface ReadableFields {
  get(name: string): string | null;
  forEach(visit: (value: string, name: string) => void): void;
}

/** Fields that can be changed, too. */
export interface EditableFields extends ReadableFields {
  set(name: string, value: string): void;
  delete(name: string): void;
}

/**
 * The fields of one message on its way, by names in lower case; several fields of one name stay several lines.
 *
 * A `Headers` would look at each name and value again, and keep them outside of JavaScript: copying one, changing ten
 * fields and reading it out costs ten times as much as this does. Whether what stands in here can be a field is looked at elsewhere.
 */
export class FieldLines implements EditableFields {
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  #isChecked: boolean;

  /** `isChecked`: whether what `take` puts in is known to be a field. */
  constructor(isChecked = true) {
    this.#isChecked = isChecked;
  }

  /** Whether all that stands in here is known to be a field. */
  get isChecked(): boolean {
    return this.#isChecked;
  }

  /** The first value of a name, as `Headers` joins several; null where there is none. */
  get(name: string): string | null {
    let found: string | null = null;
    for (let at = this.#names.indexOf(name); at >= 0; at = this.#names.indexOf(name, at + 1)) {
      const value = this.#values[at] as string;
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** Adds a field, whatever else has its name. */
  append(name: string, value: string): void {
    this.#isChecked = false;
    this.take(name, value);
  }

  /** Adds what was looked at before, as what was read out of a message is; the name in lower case. */
  take(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  /** Puts one field in the place of all that have its name. */
  set(name: string, value: string): void {
    this.delete(name);
    this.append(name, value);
  }

  delete(name: string): void {
    for (let at = this.#names.indexOf(name); at >= 0; at = this.#names.indexOf(name, at)) {
      this.#names.splice(at, 1);
      this.#values.splice(at, 1);
    }
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

/**
 * The same fields as the runtimes take them.
 *
 * @throws {TypeError} where a name or a value is none.
 */
export function toHeaders(fields: ReadableFields): Headers {
  const headers = new Headers();
  fields.forEach((value, name) => headers.append(name, value));
  return headers;
}
