/** What may not stand in a head, line ends left aside. */
export const unprintable = /[^\t\r\n -~\x80-\xff]/;

/** Where a line ends that begins at a place; -1 where CR or LF stands alone in it. */
export function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\r", from);
  return end >= 0 && text.indexOf("\n", from) === end + 1 ? end : -1;
}

/** A field's value without the blanks around it; a no-break space is none. */
export function valueAt(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
