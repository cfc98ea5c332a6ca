/** A value of any shape, as it was written: the cross checks read it even where the schema refuses a part. */
export type Raw = unknown;

/** The value of a key; undefined when there is none. */
export function valueAt(raw: Raw, ...keys: string[]): Raw {
  return keys.reduce<Raw>(
    (value, key) => (isBlock(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    raw,
  );
}

/** The entries of a block; none for anything else. */
export function entriesOf(raw: Raw): [string, Raw][] {
  return isBlock(raw) ? Object.entries(raw) : [];
}

/** The entries of a list; none for anything else. */
export function itemsOf(raw: Raw): readonly Raw[] {
  return Array.isArray(raw) ? raw : [];
}

/** Whether the value is a block of keys. */
export function isBlock(raw: Raw): raw is Record<string, Raw> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
