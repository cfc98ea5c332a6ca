/** How many bytes the character here takes; 0 where there is none (RFC 3629, section 4). */
export function sizeOfCharacter(bytes: Uint8Array, at: number): number {
  const lead = byteAt(bytes, at);
  if (lead < 0x80) return 1;
  const size = lengthOfSequence(lead);
  if (size === 1 || at + size > bytes.byteLength) return 0;
  return isSecond(lead, byteAt(bytes, at + 1)) && areLater(bytes, at + 2, at + size) ? size : 0;
}

function isSecond(lead: number, byte: number): boolean {
  return byte >= (lowest[lead] ?? 0x80) && byte <= (highest[lead] ?? 0xbf);
}

function areLater(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (byteAt(bytes, at) >> 6 !== 2) return false;
  }
  return true;
}

/** What may follow a first byte, where that is not all of 80..BF: no long spellings, no surrogates, nothing past U+10FFFF. */
const lowest: Readonly<Record<number, number>> = { 0xe0: 0xa0, 0xf0: 0x90 };
const highest: Readonly<Record<number, number>> = { 0xed: 0x9f, 0xf4: 0x8f };

/** The character of so many bytes. */
export function codeAt(bytes: Uint8Array, at: number, size: number): number {
  let code = size === 1 ? byteAt(bytes, at) : byteAt(bytes, at) & (0x7f >> size);
  for (let place = at + 1; place < at + size; place++) code = (code << 6) | (byteAt(bytes, place) & 0x3f);
  return code;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/** How many bytes at the end begin a character that more bytes may complete. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back++) {
    const byte = bytes[bytes.byteLength - back] ?? 0;
    if (byte >= 0xc0) return back < lengthOfSequence(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function lengthOfSequence(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
