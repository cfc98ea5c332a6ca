/** A tag that something is inserted beside, by its name in lower case. */
export interface TagMark {
  readonly name: string;
  readonly isClosing: boolean;
}

/** Reads `<head>` or `</body>`; undefined for anything else. */
export function parseTagMark(text: string): TagMark | undefined {
  const [, slash, name] = /^<(\/?)([a-z][a-z0-9-]*)>$/i.exec(text) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), isClosing: slash === "/" };
}
