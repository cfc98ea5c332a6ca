import { fieldNameOf } from "./field-name.ts";
import { isFieldValue } from "./field-value.ts";
import { FieldLines } from "./field-lines.ts";

/**
 * The fields of one message that we write or change: asked for and changed like those of `Headers`, names in any case, and
 * nothing gets in that could end its line.
 */
export class CheckedFields extends FieldLines {
  /**
   * `isChecked`: whether what `take` puts in is known to be a field.
   *
   * @throws {TypeError} where a name or a value is none.
   */
  constructor(fields: Readonly<Record<string, string>> = {}, isChecked = true) {
    super(isChecked);
    for (const name in fields) this.append(name, fields[name] as string);
  }

  override get(name: string): string | null {
    return super.get(name.toLowerCase());
  }

  override has(name: string): boolean {
    return super.has(name.toLowerCase());
  }

  /** @throws {TypeError} where the name or the value is none. */
  override append(name: string, value: string): void {
    this.take(checkedName(name), checkedValue(name, value));
  }

  /** @throws {TypeError} where the name or the value is none; then all is as before. */
  override set(name: string, value: string): void {
    const [known, checked] = [checkedName(name), checkedValue(name, value)];
    super.delete(known);
    this.take(known, checked);
  }

  override delete(name: string): void {
    super.delete(name.toLowerCase());
  }

  /** Each cookie that is set. */
  getSetCookie(): string[] {
    return [...this].flatMap(([name, value]) => (name === "set-cookie" ? [value] : []));
  }
}

function checkedName(written: string): string {
  const name = fieldNameOf(written);
  if (name === undefined)
    throw new TypeError(`Cannot set a field: ${JSON.stringify(written)} is no name of one`);
  return name;
}

/** Without the blanks around it, as `Headers` takes it (Fetch, 2.2.2). The value is not told: it may be a secret. */
function checkedValue(name: string, written: string): string {
  const value =
    isBlankAt(written, 0) || isBlankAt(written, written.length - 1)
      ? written.replaceAll(BLANKS, "")
      : written;
  if (!isFieldValue(value))
    throw new TypeError(`Cannot set the field ${name}: its value has a character that no value can have`);
  return value;
}

function isBlankAt(text: string, at: number): boolean {
  return text.charCodeAt(at) <= SPACE;
}

const SPACE = 0x20;
const BLANKS = /^[\t\n\r ]+|[\t\n\r ]+$/g;
