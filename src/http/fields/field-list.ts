/** A message's fields in their order: each name, in lower case, with its value behind it. */
export type FieldList = readonly string[];

/** Gives the value of a field, named in lower case; several lines of it joined by commas, undefined where there is none. */
export function fieldValue(fields: FieldList, name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] !== name) continue;
    value = value === undefined ? fields[at + 1] : `${value}, ${fields[at + 1]}`;
  }
  return value;
}
