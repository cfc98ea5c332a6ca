/**
 * Tells whether a text can be a field's value, or several one after the other: no control characters but the tab, and no
 * character beyond an octet (RFC 9110, 5.5).
 */
export function isFieldValue(text: string): boolean {
  return !unwritable.test(text);
}

const unwritable = /[^\t -~\x80-\xff]/;
